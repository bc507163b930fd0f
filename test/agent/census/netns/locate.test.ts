import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createLocate, type Places } from '../../../../agent/census/netns/locate.ts';
import { closeNetns } from '../../../../cni/kernel/netns.ts';
import { type AttachmentRecord } from '../../../../cni/attachment.ts';
import { temporaryDirectory } from '../../../cni/facts/serve.ts';
import { addInterface } from '../../../support/holdings.ts';
import { hasRoot, scratchNetns } from '../../../support/scratch.ts';
import { recordOf, runningPod } from '../ground.ts';
import { addFirstProcess, addProcess, OTHER, UID } from './proc.ts';

describe('createLocate()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const own = scratchNetns();
  const decoy = scratchNetns();
  before(async () => {
    // Who goes by addresses takes the one for the other.
    for (const netns of [own, decoy]) await addInterface(netns, ['10.1.2.3/24', '2001:db8::5/64']);
  });
  const directory = temporaryDirectory();
  const procDir = `${directory.path}/proc`;
  const resultsDir = `${directory.path}/results`;
  after(() => {
    directory.dispose();
  });
  beforeEach(() => {
    for (const path of [procDir, resultsDir]) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path);
    }
    addFirstProcess(procDir);
  });

  const pod = runningPod({ uid: UID });
  const inode = (path: string): number => statSync(path).ino;
  const locate = async (
    places: Partial<Omit<Places, 'records'>> & { records?: readonly AttachmentRecord[] } = {},
    whose = pod,
  ): Promise<[source: string, inode: number] | undefined> => {
    const { records = [], ...rest } = places;
    const found = await createLocate({ procDir, resultsDir, ...rest, records: () => records })(
      whose,
    );
    if (!found) return undefined;
    closeNetns(found.netns);
    return [found.source, found.netns.inode];
  };
  const cache = (name: string, uid: string, netns: string): void => {
    const result = { netns, cniArgs: [['K8S_POD_UID', uid]] };
    writeFileSync(`${resultsDir}/${name}`, JSON.stringify(result));
  };
  it('takes the record of the ADD first', async () => {
    const records = [await recordOf(own, { uid: UID })];
    cache('net-c1-eth0', UID, decoy.path);
    assert.deepEqual(await locate({ records }), ['record', inode(own.path)]);
  });

  it('passes over a record whose path has become another netns', async () => {
    const record = await recordOf(own, { uid: UID });
    const records = [{ ...record, netns: { ...record.netns, path: decoy.path } }];
    assert.equal(await locate({ records }), undefined);
  });

  it('passes over the record of a pod of the same name', async () => {
    assert.equal(await locate({ records: [await recordOf(own, { uid: OTHER })] }), undefined);
  });

  it("takes the runtime's result next, and none of another pod", async () => {
    cache('net-c1-eth0', OTHER, decoy.path);
    cache('net-c2-eth0', UID, '/run/netns/nonexistent');
    cache('net-c3-eth0', UID, own.path);
    addProcess(procDir, 100, { netns: decoy.path, startedAt: 1 });
    assert.deepEqual(await locate(), ['result-cache', inode(own.path)]);
  });

  it("takes the pod's oldest process last: younger ones may have a netns of their own", async () => {
    addProcess(procDir, 100, { netns: decoy.path, startedAt: 7 });
    addProcess(procDir, 200, { netns: own.path, startedAt: 5 });
    addProcess(procDir, 300, { uid: OTHER, netns: decoy.path, startedAt: 1 });
    assert.deepEqual(await locate(), ['cgroup', inode(own.path)]);
  });

  it('finds a static pod by the UID that kubelet gave it', async () => {
    const mirror = '0123456789abcdef0123456789abcdef';
    const mirrored = runningPod({ annotations: { 'kubernetes.io/config.mirror': mirror } });
    addProcess(procDir, 100, { uid: mirror, netns: own.path, startedAt: 1 });
    assert.deepEqual(await locate({}, mirrored), ['cgroup', inode(own.path)]);
  });

  it("takes no pod's netns for that of one which names its UID in an annotation", async () => {
    const liar = runningPod({ uid: OTHER, annotations: { 'kubernetes.io/config.mirror': UID } });
    cache('net-c1-eth0', UID, own.path);
    addProcess(procDir, 100, { netns: own.path, startedAt: 1 });
    assert.equal(await locate({}, liar), undefined);
  });

  it("never takes our own netns, whoever says it is the pod's", async () => {
    const record = await recordOf({ path: '/proc/self/ns/net' }, { uid: UID });
    const records = [{ ...record, netns: { ...record.netns, path: '/proc/self/ns/net' } }];
    cache('net-c1-eth0', UID, '/proc/self/ns/net');
    symlinkSync('/proc/self/ns/net', `${resultsDir}/self`);
    cache('net-c2-eth0', UID, `${resultsDir}/self`);
    addProcess(procDir, 100, { netns: '/proc/self/ns/net', startedAt: 1 });
    assert.equal(await locate({ records }), undefined);
  });

  it("never takes the host's netns, which is that of its first process", async () => {
    mkdirSync(`${procDir}/1/ns`);
    symlinkSync(own.path, `${procDir}/1/ns/net`);
    cache('net-c1-eth0', UID, own.path);
    addProcess(procDir, 100, { netns: own.path, startedAt: 1 });
    assert.equal(await locate({ records: [await recordOf(own, { uid: UID })] }), undefined);
  });

  it("never takes the host's netns from a process that went there, if we may not see it", async () => {
    addProcess(procDir, 100, { netns: own.path, isInHosts: true, startedAt: 1 });
    assert.equal(await locate(), undefined);
    addProcess(procDir, 200, { netns: decoy.path, startedAt: 2 });
    assert.deepEqual(await locate(), ['cgroup', inode(decoy.path)]);
  });

  it('takes nothing from processes where the first one of the host is not seen', async () => {
    rmSync(`${procDir}/1`, { recursive: true });
    addProcess(procDir, 100, { netns: own.path });
    assert.equal(await locate(), undefined);
  });

  it("does not even look for a pod with the host's network", async () => {
    const hosted = runningPod({ uid: UID }, { hostNetwork: true });
    cache('net-c1-eth0', UID, own.path);
    addProcess(procDir, 100, { netns: own.path, startedAt: 1 });
    assert.equal(await locate({ records: [await recordOf(own, { uid: UID })] }, hosted), undefined);
  });
});
