import assert from 'node:assert/strict';
import { listRecords } from '../../../cni/record.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { heldRules } from '../../support/held.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { type FakeApiServer, servedApi } from '../apiserver.ts';
import { type RunningAgent } from '../running.ts';
import { until } from '../until.ts';
import { startOn } from './onward.ts';
import { openWard, type Ward } from './ward.ts';

describe('an agent that starts on a node with pods that were started without it', () => {
  const cleanup = createCleanup();
  let server: FakeApiServer;
  let ward: Ward;

  beforeEach(async function () {
    if (!hasRoot()) this.skip();
    ({ server } = await servedApi(cleanup));
    ward = openWard(cleanup);
  });
  afterEach(() => cleanup.run());

  const start = (env: Readonly<Record<string, string>> = {}): RunningAgent =>
    startOn(ward, server.access, { env, cleanup });
  const reasons = (): unknown[] => server.writes.bodies('/events').map(({ reason }) => reason);
  const known = (name: string, uid: string): unknown => server.history.set({ name, uid });

  it('redirects them, records and tells it, and counts what it did', async () => {
    const { pod, netns } = await ward.admit();
    known('web-0', pod.metadata.uid);
    const agent = start();
    await until(() => reasons().includes('RedirectionRepaired'));
    assert.deepEqual((await ward.look(pod)).findings, []);
    const [record] = listRecords(ward.stateDir);
    assert.deepEqual(
      [record?.outcome, record?.containerId, record?.ifName, record?.netns.path],
      ['redirected', netns.name, 'eth0', netns.path],
    );
    const metrics = await agent.get('/metrics');
    assert.match(metrics, /^sluice_repairs_total\{action="repair",outcome="done"\} 1$/m);
  });

  it('redirects them again when somebody has flushed the rules', async () => {
    const { pod, netns } = await ward.admit();
    known('web-0', pod.metadata.uid);
    start({ SLUICE_CENSUS_SECONDS: '1' });
    await until(() => reasons().length === 1);
    await inNetns(netns, ['iptables-nft', '-t', 'nat', '-F']);
    await until(() => reasons().length === 2);
    assert.deepEqual((await ward.look(pod)).findings, []);
  });

  it('only tells it where that is what the pod wants', async () => {
    const { pod, netns } = await ward.admit();
    const { uid } = pod.metadata;
    server.history.set({ name: 'web-0', uid, labels: { 'sluice.dev/repair': 'observe' } });
    start();
    await until(() => reasons().includes('NotRedirected'));
    assert.deepEqual(await heldRules(netns, 'iptables-nft'), []);
  });

  it('labels them, and tells why, where that is wanted', async () => {
    const { pod, netns } = await ward.admit();
    known('web-0', pod.metadata.uid);
    start({ SLUICE_REPAIR: 'label' });
    await until(() => reasons().length > 0);
    const [{ type, reason, message } = {}] = server.writes.bodies('/events');
    assert.deepEqual([type, reason], ['Warning', 'NotRedirected']);
    assert.match(String(message), /^it is labelled sluice\.dev\/not-redirected: /);
    const labels = { 'sluice.dev/not-redirected': 'true' };
    assert.deepEqual(server.writes.bodies('/pods/web-0/status'), [
      { metadata: { uid: pod.metadata.uid, labels } },
    ]);
    assert.deepEqual(await heldRules(netns, 'iptables-nft'), []);
  });

  it('leaves pods alone, and says nothing, that are not to be redirected', async () => {
    const [plain, meshed] = [await ward.admit(), await ward.admit()];
    server.history.set({
      ...{ name: 'plain', uid: plain.pod.metadata.uid },
      annotations: { 'sidecar.istio.io/inject': 'false' },
    });
    known('web-0', meshed.pod.metadata.uid);
    start();
    await until(() => reasons().length > 0);
    assert.deepEqual(await heldRules(plain.netns, 'iptables-nft'), []);
    assert.deepEqual(reasons(), ['RedirectionRepaired']);
  });
});
