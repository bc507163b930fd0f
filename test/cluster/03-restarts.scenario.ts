import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { addressOf, apply, ask, readyPods, untilPassed } from './ask.ts';
import { type Cluster, cluster } from './cluster.ts';
import { install } from './install.ts';
import { rulesOf } from './kernel.ts';
import { APP_PORT, deployment, job, statefulSet } from './pods.ts';
import { sandboxOf, untilRunning } from './sandboxes.ts';
import { untilTrue } from './until.ts';

const node = 'node-1';

describe('pods whose surroundings start again', function () {
  this.timeout(180_000);
  const at = cluster();
  before(async () => {
    await install(at());
    const client = deployment('client', { mesh: 'container', node: 'node-2' });
    await apply(at(), deployment('web', { mesh: 'container', node }), client);
    for (const app of ['client', 'web']) await readyPods(at(), app);
  });

  it('go on, with the same rules, under a new kubelet and a new containerd', async () => {
    const [web] = await readyPods(at(), 'web');
    const [first] = at().nodes;
    const before = await rulesOf(first.host, addressOf(web));
    await first.stop('kubelet');
    await first.containerd.restart();
    await first.start('kubelet');
    await apply(at(), deployment('next', { mesh: 'native', node }));
    await readyPods(at(), 'next');
    assert.deepEqual(await rulesOf(first.host, addressOf(web)), before);
    await assertServes(at(), 'web');
  });

  it('are redirected again after crictl rmp --force, and their old record is gone', async () => {
    const [web] = await readyPods(at(), 'web');
    const [first] = at().nodes;
    const old = await sandboxOf(first, web.metadata.name);
    assert.ok(old);
    assert.ok((await records(at())).includes(old.id));
    await first.containerd.crictl.removePod(old.id);
    const sandbox = await untilRunning(first, web.metadata.name);
    assert.notEqual(sandbox.id, old.id);
    const found = await records(at());
    assert.deepEqual([found.includes(old.id), found.includes(sandbox.id)], [false, true]);
    await untilTrue('the API server has heard of its new address', async () => {
      return addressOf((await readyPods(at(), 'web'))[0]) === sandbox.address;
    });
    await assertServes(at(), 'web');
  });

  it('get new settings under an old name', async () => {
    for (const port of ['9001', '9002']) {
      const annotations = { 'traffic.sidecar.istio.io/excludeInboundPorts': port };
      await apply(at(), statefulSet('db', { mesh: 'container', node, annotations }));
      await at().kubectl(['rollout', 'status', 'statefulset/db', '--timeout=90s']);
      const [db] = await readyPods(at(), 'db');
      const rules = (await rulesOf(at().nodes[0].host, addressOf(db))).join('\n');
      assert.deepEqual(rules.match(/(?<=--dport )900\d/g), [port, port]);
    }
  });

  it('run to their end as a Job that is not restarted', async () => {
    const [web] = await readyPods(at(), 'web');
    const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${addressOf(web)} ${APP_PORT}`;
    const command = `${request} | grep ${web.metadata.name}`;
    await apply(at(), job('once', { mesh: 'native', node: 'node-2', command }));
    await at().kubectl(['wait', '--for=condition=complete', 'job/once', '--timeout=60s']);
  });
});

async function assertServes(at: Cluster, app: string): Promise<void> {
  const [[client], [server]] = [await readyPods(at, 'client'), await readyPods(at, app)];
  assert.equal(await ask(at, client, addressOf(server)), server.metadata.name);
  await untilPassed(at, client, server);
}

/** The containers of which node-1 has a record. */
async function records(at: Cluster): Promise<string[]> {
  const files = await readdir(at.nodes[0].host.path('/var/lib/sluice/attachments'));
  return files.map((file) => file.replace(/-eth0\.json$/, ''));
}
