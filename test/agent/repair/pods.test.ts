import assert from 'node:assert/strict';
import { loadLibc } from '../../../agent/census/look/libc.ts';
import { type Pod } from '../../../agent/pod.ts';
import { connectionsBy } from '../../../agent/repair/connections/connections.ts';
import { createMend } from '../../../agent/repair/mend.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { heldRules } from '../../support/held.ts';
import { link } from '../../support/links.ts';
import { createNetns, type Netns, removeNetns } from '../../support/netns.ts';
import { container, type PodChanges } from '../../support/pod.ts';
import { type Daemon, start, startProgram } from '../../support/process.ts';
import { hasRoot } from '../../support/scratch.ts';
import { scratchName } from '../../support/ground.ts';
import { until } from '../until.ts';
import { type Clinic, openClinic } from './clinic.ts';
import { openWard, type Ward } from './ward.ts';

describe('repair in place, seen by a pod', function () {
  this.timeout(60_000);
  const cleanup = createCleanup();
  let ward: Ward;
  let clinic: Clinic;

  beforeEach(function () {
    if (!hasRoot()) this.skip();
    ward = openWard(cleanup);
    clinic = openClinic(ward);
    cleanup.add(clinic.stop);
  });
  afterEach(() => cleanup.run());

  const repair = async (pod: Pod): Promise<string> => {
    clinic.take([await ward.look(pod)]);
    await until(() => clinic.events.length > 0);
    return `${clinic.events[0]?.reason ?? ''}: ${clinic.events[0]?.message ?? ''}`;
  };
  const serve = async (netns: Netns, port: number): Promise<void> => {
    const daemon = await startProgram(netns, 'talker.ts', ['1000', 'listen', String(port)]);
    cleanup.add(daemon.stop);
  };
  const decoy = async (): Promise<Netns> => {
    const netns = await createNetns(scratchName());
    cleanup.add(() => removeNetns(netns.name));
    return netns;
  };
  const linkToPeer = async (pod: Netns): Promise<Netns> => {
    const peer = await decoy();
    await link(
      { netns: pod, name: 'eth0', addresses: ['10.66.0.2/24'] },
      { netns: peer, name: 'eth0', addresses: ['10.66.0.1/24'] },
    );
    return peer;
  };
  const connect = async (pod: Netns): Promise<Daemon> => {
    await serve(await linkToPeer(pod), 443);
    const talker = await startProgram(pod, 'talker.ts', ['1000', 'connect', '10.66.0.1', '443']);
    cleanup.add(talker.stop);
    return talker;
  };
  const say = async (talker: Daemon, word: string): Promise<string | undefined> => {
    talker.say(word);
    return talker.line((line) => line === word || line === 'reset');
  };

  const kinds: Readonly<Record<string, PodChanges>> = {
    'without a validation container that could crash, as that of a Job': {
      labels: { 'batch.kubernetes.io/job-name': 'once' },
      validationArgs: [],
    },
    'whose sidecar is a native one': {
      proxy: { init: true },
      others: [container('late')],
    },
  };
  for (const [kind, changes] of Object.entries(kinds)) {
    it(`helps a pod ${kind}`, async () => {
      const { pod } = await ward.admit(changes);
      const containers = pod.spec.initContainers.filter(({ name }) => name !== 'istio-validation');
      await repair({ ...pod, spec: { ...pod.spec, initContainers: containers } });
      assert.deepEqual((await ward.look(pod)).findings, []);
    });
  }

  it('helps a validation that keeps crashing before its next try', async () => {
    const { pod, netns } = await ward.admit();
    await serve(netns, 15001);
    await linkToPeer(netns);
    // As Istio's does, it calls some port, behind which only a redirection leads to somebody.
    const script =
      'until (echo >/dev/tcp/10.66.0.1/9) 2>&-; do echo crashed; sleep 0.1; done; echo validated';
    const validation = start({ netns, owner: { uid: 1000, gid: 1000 } }, ['bash', '-c', script]);
    cleanup.add(validation.stop);
    await validation.line((line) => line === 'crashed');
    await repair(pod);
    assert.equal(await validation.line((line) => line === 'validated'), 'validated');
  });

  it('lets a decoy alone that has the same address', async () => {
    const { pod, netns } = await ward.admit();
    const other = await decoy();
    for (const each of [netns, other]) await linkToPeer(each);
    await repair(pod);
    assert.deepEqual(await heldRules(other, 'iptables-nft'), []);
    assert.ok((await heldRules(netns, 'iptables-nft')).length > 0);
  });

  it('names the connections that were open, and lets them be', async () => {
    const { pod, netns } = await ward.admit();
    const talker = await connect(netns);
    assert.equal(await say(talker, 'one'), 'one');
    assert.match(
      await repair(pod),
      /^RedirectionRepaired: .*; 1 connection that was opened before goes on past the sidecar \(10\.66\.0\.2:\d+ > 10\.66\.0\.1:443\); before: /,
    );
    assert.equal(await say(talker, 'two'), 'two');
  });

  it('cuts them if that is wanted', async () => {
    const { pod, netns } = await ward.admit();
    const talker = await connect(netns);
    const { event } = await createMend({
      ...ward,
      backend: () => 'iptables-nft',
      toolsDir: undefined,
      connections: () => connectionsBy(loadLibc(['/run', '/tmp'])),
      cutConnections: true,
      record: () => undefined,
    })({ pod, state: await ward.look(pod) });
    assert.match(event?.message ?? '', /1 connection .* is reset \(/);
    assert.equal(await say(talker, 'two'), 'reset');
  });

  it('is not told as done before it can be read back', async () => {
    const { pod } = await ward.admit();
    const state = await ward.look(pod);
    const blind = { kind: 'unknown', why: 'w', sentence: 's' } as const;
    const { outcome, event } = await createMend({
      ...ward,
      look: async () => ({ ...state, findings: [blind] }),
      backend: () => 'iptables-nft',
      toolsDir: undefined,
      connections: () => connectionsBy(loadLibc(['/run', '/tmp'])),
      cutConnections: false,
      record: () => undefined,
    })({ pod, state });
    assert.deepEqual([outcome, event], ['refused', undefined]);
  });

  it('is tried again, and told, where it cannot be done', async () => {
    const { pod } = await ward.admit();
    const broken = openClinic(ward, { toolsDir: '/nonexistent' });
    cleanup.add(broken.stop);
    broken.take([await ward.look(pod)]);
    await until(() => broken.events.length >= 2);
    for (const { type, reason, message } of broken.events) {
      assert.deepEqual([type, reason], ['Warning', 'RedirectionRepairFailed']);
      assert.match(message, /cannot find iptables-nft-restore in \/nonexistent/);
    }
    assert.match(await broken.metrics(), /\{action="repair",outcome="failed"\} [2-9]/);
  });
});
