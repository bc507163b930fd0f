import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, apply, podsOf } from './ask.ts';
import { type Cluster, cluster } from './cluster.ts';
import { agentsOf, install } from './install.ts';
import { rulesOf } from './kernel.ts';
import { NEXT, provideNextImage } from './nextimage.ts';
import { pod } from './pods.ts';
import { note } from './report.ts';

/** What became of one pod that came and went. */
type Fate = 'redirected' | 'not redirected' | `stuck: ${string}`;

describe('an upgrade', function () {
  this.timeout(300_000);
  const at = cluster();
  before(async () => {
    const archive = await provideNextImage();
    for (const node of at().nodes) await node.containerd.load(archive);
    await install(at());
  });

  it('redirects each of the pods that come and go meanwhile, 30 in a minute', async () => {
    const upgraded = new AbortController();
    const fates = comers(at(), upgraded.signal);
    await sleep(4_000);
    const startedAt = performance.now();
    await install(at(), { image: NEXT });
    note(
      'rolling update of both nodes',
      `${Math.round((performance.now() - startedAt) / 1_000)} s`,
    );
    await sleep(4_000);
    upgraded.abort();
    const found = await fates;
    note('meshed pods that came and went during the update', String(found.length));
    assert.ok(found.length > 4);
    assert.deepEqual(
      found.filter((fate) => fate !== 'redirected'),
      [],
    );
  });

  it('puts the new executable on each node, under new agents', async () => {
    const sizes = await Promise.all(
      at().nodes.map(async ({ host }) => (await stat(host.path('/opt/cni/bin/sluice-cni'))).size),
    );
    const { size } = await stat('dist/sluice-cni');
    assert.deepEqual(sizes, [size + 1, size + 1]);
    assert.deepEqual(
      (await agentsOf(at())).map(({ spec }) => spec.containers[0].image),
      [NEXT, NEXT],
    );
  });
});

async function comers(at: Cluster, stopped: AbortSignal): Promise<Fate[]> {
  const fates: Promise<Fate>[] = [];
  while (!stopped.aborted) {
    fates.push(fateOf(at, fates.length));
    await sleep(2_000);
  }
  return Promise.all(fates);
}

async function fateOf(at: Cluster, index: number): Promise<Fate> {
  const name = `comer-${index}`;
  const node = at.nodes[index % 2 === 0 ? 0 : 1];
  const limit = '--timeout=30s';
  try {
    await apply(at, pod(name, { mesh: 'container', node: node.name }));
    await at.kubectl(['wait', '--for=condition=Ready', `pod/${name}`, limit]);
    const [found] = await podsOf(at, name);
    const rules = found ? await rulesOf(node.host, addressOf(found)) : [];
    await at.kubectl(['delete', 'pod', name, limit]);
    return rules.length > 0 ? 'redirected' : 'not redirected';
  } catch (error) {
    return `stuck: ${error instanceof Error ? error.message : String(error)}`;
  }
}
