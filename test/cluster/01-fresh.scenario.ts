import assert from 'node:assert/strict';
import { addressOf, apply, ask, eventsOf, readyPods, type SeenPod, untilPassed } from './ask.ts';
import { cluster } from './cluster.ts';
import { install } from './install.ts';
import { rulesOf } from './kernel.ts';
import { deployment, type Mesh } from './pods.ts';
import { untilTrue } from './until.ts';

const kinds = { plain: 'none', web: 'container', native: 'native', gateway: 'gateway' } as const;
const redirected =
  / Redirected .* its traffic is redirected to its sidecar: REDIRECT, IPv4 and IPv6/;

describe('a fresh cluster', function () {
  this.timeout(180_000);
  const at = cluster();
  const pods = new Map<string, SeenPod>();

  it('has an agent on each node after kubectl apply -f DaemonSet.yaml', async () => {
    await install(at());
  });

  it('starts pods without a sidecar, with one of each kind, and gateways', async () => {
    const node = 'node-1';
    const made = Object.entries(kinds).map(([name, mesh]) => deployment(name, { mesh, node }));
    await apply(at(), ...made, deployment('client', { mesh: 'container', node: 'node-2' }));
    for (const app of [...Object.keys(kinds), 'client']) {
      pods.set(app, (await readyPods(at(), app))[0]);
    }
  });

  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const app of ['web', 'native']) {
      it(`lets a pod of the other node ask ${app} through both proxies, ${family}`, async () => {
        const [client, server] = [of('client'), of(app)];
        assert.equal(await ask(at(), client, addressOf(server, family)), server.metadata.name);
        await untilPassed(at(), client, server, family);
      });
    }
  }

  for (const [app, mesh] of Object.entries(kinds)) {
    it(`${isMeshed(mesh) ? 'redirects' : 'leaves alone'} ${app}`, async () => {
      const rules = await rulesOf(at().nodes[0].host, addressOf(of(app)));
      assert.equal(rules.length > 0, isMeshed(mesh), rules.join('\n'));
    });

    it(`lets an un-meshed pod ask ${app}`, async () => {
      const name = await ask(at(), of('plain'), addressOf(of(app)));
      assert.equal(name, of(app).metadata.name);
    });

    it(`tells ${isMeshed(mesh) ? 'of it' : 'nothing'} in the events of ${app}`, async () => {
      if (!isMeshed(mesh)) {
        assert.doesNotMatch(await eventsOf(at(), of(app)), /sluice|Redirect/i);
        return;
      }
      await untilTrue('there is an event', async () =>
        redirected.test(await eventsOf(at(), of(app))),
      );
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
