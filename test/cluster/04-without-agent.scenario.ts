import assert from 'node:assert/strict';
import { addressOf, apply, eventsOf, podsOf, readyPods } from './ask.ts';
import { cluster } from './cluster.ts';
import { agentOf, applyManifest, install, untilInstalled } from './install.ts';
import { rulesOf } from './kernel.ts';
import { deployment } from './pods.ts';
import { untilTrue } from './until.ts';

const node = 'node-1';

describe('a node whose agent was taken away', function () {
  this.timeout(180_000);
  const at = cluster();
  before(() => install(at()));

  it('keeps the plugin', async () => {
    await applyManifest(at(), { notOn: node });
    await untilTrue('the agent is gone', async () => (await agentOf(at(), node)) === '');
    const { stdout } = await at().nodes[0].host.exec('ls', ['/opt/cni/bin/sluice-cni']);
    assert.equal(stdout, '/opt/cni/bin/sluice-cni');
  });

  it('starts un-meshed pods', async () => {
    await apply(at(), deployment('plain', { node }));
    await readyPods(at(), 'plain');
  });

  it('lets meshed pods wait, and says why in an event', async () => {
    await apply(at(), deployment('web', { node, mesh: 'container' }));
    await untilTrue('an event says why', async () => {
      const [pod] = await podsOf(at(), 'web');
      const events = pod ? await eventsOf(at(), pod) : '';
      return /FailedCreatePodSandBox .*cannot learn about pod default\/web-.* does not answer/.test(
        events,
      );
    });
  });

  it('starts them by itself when the agent is back', async () => {
    await applyManifest(at());
    await untilInstalled(at());
    const [web] = await readyPods(at(), 'web');
    assert.notDeepEqual(await rulesOf(at().nodes[0].host, addressOf(web)), []);
  });
});
