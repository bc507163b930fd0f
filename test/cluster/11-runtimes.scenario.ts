import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { apply, readyPods } from './ask.ts';
import { clear } from './clear.ts';
import { type Cluster, cluster } from './cluster.ts';
import { agentOf, applyManifest, install } from './install.ts';
import { type ClusterNode } from './node.ts';
import { deployment } from './pods.ts';
import { untilTrue } from './until.ts';

/** In front of the plugin: notes what it is asked, and how that ends. */
const witness = `#!/bin/sh
/opt/cni/bin/sluice-cni.real
code=$?
echo "$CNI_COMMAND $code" >> /run/verbs
exit $code
`;

for (const [index, runtime, isAskedForStatus] of [
  [0, 'containerd 1.6 with a network of CNI 1.0.0', false],
  [1, 'containerd 2 with a network of CNI 1.1.0', true],
] as const) {
  describe(runtime, function () {
    this.timeout(180_000);
    const at = cluster(async ({ nodes }) => {
      await rm(nodes[index].host.path('/opt/cni/bin/sluice-cni.real'), { force: true });
    });
    const node = (): ClusterNode => at().nodes[index];
    const name = `node-${index + 1}`;
    before(async function () {
      if (!isAskedForStatus || node().network.includes('1.1.0')) return;
      process.stderr.write('    skipped: there is no containerd 2\n');
      this.skip();
    });

    it(`asks for ADD and DEL${isAskedForStatus ? ', and for STATUS whenever kubelet asks it' : ''}`, async () => {
      await install(at());
      await callWitness(at(), node());
      await apply(at(), deployment('plain', { node: name }));
      await readyPods(at(), 'plain');
      await clear(at());
      await untilTrue('all verbs were asked for', async () => {
        const verbs = await readFile(node().host.path('/run/verbs'), 'utf8').catch(() => '');
        const wanted = ['ADD 0', 'DEL 0', ...(isAskedForStatus ? ['STATUS 0'] : [])];
        return wanted.every((verb) => verbs.includes(verb));
      });
      const verbs = await readFile(node().host.path('/run/verbs'), 'utf8');
      assert.deepEqual([verbs.includes('STATUS'), / [1-9]/.test(verbs)], [isAskedForStatus, false]);
    });

    it('has its plugin back from the agent', async () => {
      await install(at());
      const plugin = node().host.path('/opt/cni/bin/sluice-cni');
      assert.ok((await readFile(plugin)).length > witness.length);
    });
  });
}

/** While no agent is there who would put the plugin back. */
async function callWitness(at: Cluster, { name, host }: ClusterNode): Promise<void> {
  await applyManifest(at, { notOn: name });
  await untilTrue('the agent is gone', async () => (await agentOf(at, name)) === '');
  const plugin = host.path('/opt/cni/bin/sluice-cni');
  await rename(plugin, `${plugin}.real`);
  await writeFile(plugin, witness, { mode: 0o755 });
}
