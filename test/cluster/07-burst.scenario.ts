import assert from 'node:assert/strict';
import { addressOf, apply, podsOf, readyPods } from './ask.ts';
import { ourRequests } from './audit.ts';
import { cluster } from './cluster.ts';
import { addSeconds, metricsOf } from './figures.ts';
import { install } from './install.ts';
import { redirectedAddresses } from './kernel.ts';
import { deployment } from './pods.ts';
import { note } from './report.ts';
import { untilTrue } from './until.ts';

const node = 'node-1';
const [unmeshed, meshed] = [100, 50];

describe(`${unmeshed} un-meshed and ${meshed} meshed pods at once on one node`, function () {
  this.timeout(400_000);
  const at = cluster();
  let from = '';
  before(async () => {
    await install(at());
    // After an outage, it takes up to a minute.
    const isListening = async (): Promise<boolean> =>
      /^sluice_watching 1$/m.test(await metricsOf(at(), node));
    await untilTrue('the agent listens to the API server', isListening, { timeoutMs: 90_000 });
    from = new Date().toISOString();
  });

  it('all start', async () => {
    const startedAt = performance.now();
    const plain = deployment('plain', { node, replicas: unmeshed });
    await apply(at(), plain, deployment('web', { node, mesh: 'container', replicas: meshed }));
    await readyPods(at(), 'plain', { count: unmeshed, timeoutMs: 300_000 });
    await readyPods(at(), 'web', { count: meshed, timeoutMs: 300_000 });
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    note(
      `${unmeshed} un-meshed and ${meshed} meshed pods at once, until all are Ready`,
      `${seconds} s`,
    );
  });

  it('the meshed ones are redirected, and no others', async () => {
    const pods = await podsOf(at(), 'web');
    const redirected = await redirectedAddresses(at().nodes[0].host);
    assert.deepEqual([...redirected].sort(), pods.map((pod) => addressOf(pod)).sort());
  });

  it('the plugin asks the API server for nothing, and the agent for no un-meshed pod', async () => {
    const requests = await ourRequests(at().plane, from);
    const own = requests.filter(({ userAgent }) => !userAgent.startsWith('sluice-agent/'));
    note('requests of the plugin', String(own.length));
    assert.deepEqual(own, []);
    // Where the plugin is faster than the watch.
    const asked = requests
      .filter(({ verb }) => verb === 'get')
      .map(({ objectRef }) => objectRef?.name);
    note(
      'requests of the agent for a pod that its watch had not told of yet',
      String(asked.length),
    );
    assert.deepEqual(
      asked.filter((name = '') => !name.startsWith('web-')),
      [],
    );
  });

  it('the metrics tell how long an ADD took, and each phase', async () => {
    const metrics = await metricsOf(at(), node);
    for (const phase of ['facts', 'apply', 'total']) {
      const [p50, p99] = [addSeconds(metrics, phase, 0.5), addSeconds(metrics, phase, 0.99)];
      assert.ok(p50 > 0 && p99 >= p50);
      note(`ADD, phase ${phase}`, `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`);
    }
  });
});

function milliseconds(seconds: number): string {
  return `${Math.round(seconds * 1_000)} ms`;
}
