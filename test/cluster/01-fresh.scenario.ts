import assert from 'node:assert/strict';
import { addressOf, apply, ask, clear, passages, readyPods, type SeenPod } from './ask.ts';
import { cluster } from './cluster.ts';
import { install } from './install.ts';
import { rulesOf } from './kernel.ts';
import { APP_PORT, deployment, type Mesh } from './pods.ts';
import { untilTrue } from './until.ts';

const kinds = { plain: 'none', web: 'container', native: 'native', gateway: 'gateway' } as const;

describe('a fresh cluster', function () {
  this.timeout(180_000);
  const at = cluster();
  const pods = new Map<string, SeenPod>();
  after(() => clear(at()));

  it('has an agent on each node after kubectl apply -f DaemonSet.yaml', async () => {
    await install(at());
  });

  it('starts pods without a sidecar, with one of each kind, and gateways', async () => {
    const made = Object.entries(kinds).map(([name, mesh]) =>
      deployment(name, { mesh, node: 'node-1' }),
    );
    const client = deployment('client', { mesh: 'container', node: 'node-2' });
    await apply(at(), ...made, client);
    for (const app of [...Object.keys(kinds), 'client'])
      pods.set(app, (await readyPods(at(), app))[0]);
  });

  for (const app of ['web', 'native']) {
    it(`lets a pod of the other node speak to ${app} through both proxies`, async () => {
      const [client, server] = [of('client'), of(app)];
      assert.equal(await ask(at(), client, addressOf(server)), server.metadata.name);
      const [from, to] = [addressOf(client), addressOf(server)];
      await untilTrue('both proxies tell of it', async () => {
        const out = await passages(at(), client);
        const into = await passages(at(), server);
        const there = ` ${to} ${APP_PORT}`;
        return (
          new RegExp(`^outbound ${from} .*${there}$`, 'm').test(out) &&
          new RegExp(`^inbound ${from} .*${there}$`, 'm').test(into)
        );
      });
    });
  }

  for (const [app, mesh] of Object.entries(kinds)) {
    it(`${isMeshed(mesh) ? 'redirects' : 'leaves alone'} ${app}`, async () => {
      const rules = await rulesOf(at().nodes[0].host, addressOf(of(app)));
      assert.equal(rules.length > 0, isMeshed(mesh), rules.join('\n'));
    });

    it(`lets an un-meshed pod ask ${app}`, async () => {
      assert.equal(await ask(at(), of('plain'), addressOf(of(app))), of(app).metadata.name);
    });
  }

  function of(app: string): SeenPod {
    const pod = pods.get(app);
    assert.ok(pod, `there is no pod of ${app}`);
    return pod;
  }
});

function isMeshed(mesh: Mesh): boolean {
  return mesh === 'container' || mesh === 'native';
}
