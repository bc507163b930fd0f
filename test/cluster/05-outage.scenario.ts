import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, eventsOf, podsOf, readyPods } from './ask.ts';
import { cluster } from './cluster.ts';
import { agentLog, install } from './install.ts';
import { rulesOf } from './kernel.ts';
import { type ClusterNode } from './node.ts';
import { deployment, pod } from './pods.ts';
import { removeStatic, sandboxOf, startStatic, untilRunning } from './sandboxes.ts';
import { untilTrue } from './until.ts';

/** Apps of one node and of the other; those of the second are meshed. */
const plain = ['plain-1', 'plain-2'] as const;
const web = ['web-1', 'web-2'] as const;

/**
 * For a minute nobody can ask the API server, and one of the nodes loses power meanwhile. When it is back, kubelet may
 * ask it and our agent may not: kubelet itself knows pods from nowhere else, but for static ones.
 */
describe('an outage of the API server', function () {
  this.timeout(240_000);
  const at = cluster(async ({ plane, nodes }) => {
    await plane.startServer();
    for (const node of nodes) await removeStatic(node, 'unknown');
  });
  const names = new Map<string, string>();
  let downAt = 0;

  before(async () => {
    await install(at());
    for (const [index, node] of ['node-1', 'node-2'].entries()) {
      const [unmeshed = '', meshed = ''] = [plain[index], web[index]];
      const made = [deployment(unmeshed, { node }), deployment(meshed, { node, mesh: 'native' })];
      await apply(at(), ...made);
    }
    for (const app of [...plain, ...web]) {
      names.set(app, (await readyPods(at(), app))[0].metadata.name);
    }
    await at().kubectl(['delete', 'clusterrolebinding', 'sluice-agent']);
    await at().plane.stopServer();
    downAt = performance.now();
    await at().nodes[1].reboot();
    await startStatic(at().nodes[1], 'unknown');
  });

  it('lets an un-meshed pod start of which nobody has told our agent', async () => {
    await startStatic(at().nodes[0], 'unknown');
    await untilRunning(at().nodes[0], 'unknown-node-1');
  });

  for (const app of [plain[0], web[0]]) {
    it(`lets ${app} start again, in a new sandbox`, async () => {
      const [node] = at().nodes;
      const name = names.get(app) ?? '';
      const old = await sandboxOf(node, name);
      assert.ok(old);
      await node.containerd.crictl.run(['stopp', old.id]);
      await assertRedirected(node, name, app === web[0]);
    });
  }

  it('lets an un-meshed pod start on the node that lost power', async () => {
    // kubelet takes nearly a minute until it does without the API server.
    await untilRunning(at().nodes[1], 'unknown-node-2', 120_000);
  });

  it('lets the meshed pods of that node start again, which our agent may not ask for', async () => {
    await sleep(Math.max(0, downAt + 60_000 - performance.now()));
    await at().plane.startServer();
    await assertRedirected(at().nodes[1], names.get(web[1]) ?? '', true);
  });

  it('lets those wait that our agent has never seen, and says why', async () => {
    await apply(at(), pod('late', { node: 'node-2', mesh: 'container', isBound: true }));
    await untilTrue('an event says why', async () => {
      const [late] = await podsOf(at(), 'late');
      return late !== undefined && (await eventsOf(at(), late)).includes('cannot learn about pod');
    });
    assert.match(await agentLog(at(), 'node-2'), /the API server is not listened to/);
  });

  it('leaves agents behind that recover by themselves', async () => {
    await install(at());
    await readyPods(at(), 'late');
  });
});

async function assertRedirected(node: ClusterNode, name: string, isMeshed: boolean): Promise<void> {
  // A reflector of kubelet's lets up to a minute pass before it asks again.
  const { address } = await untilRunning(node, name, 120_000);
  const rules = await rulesOf(node.host, address);
  assert.equal(rules.length > 0, isMeshed, rules.join('\n'));
}
