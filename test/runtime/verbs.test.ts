import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { runtimeNode } from './node.ts';
import { plain, startPod, untilLoaded, WITH_OURS } from './pods.ts';

/** In front of the plugin: notes what it is asked, and how that ends. */
const note = `#!/bin/sh
/opt/cni/bin/sluice-cni.real
code=$?
echo "$CNI_COMMAND $code" >> /run/verbs
exit $code
`;

for (const [runtime, cniVersion, status] of [
  ['debian', '1.0.0', []],
  ['built', '1.1.0', ['STATUS 0']],
] as const) {
  describe(`what containerd (${runtime}) asks of a chain of ${cniVersion}`, function () {
    this.timeout(120_000);
    const node = runtimeNode(runtime, cniVersion);

    it('is ADD, DEL and, from 1.1.0 on, STATUS whenever kubelet asks how it is', async () => {
      const { host, agent, containerd } = node();
      await agent.start();
      await untilLoaded(node(), WITH_OURS);
      await agent.stop(); // or it would put the plugin back
      const plugin = host.path('/opt/cni/bin/sluice-cni');
      await rename(plugin, `${plugin}.real`);
      await writeFile(plugin, note, { mode: 0o755 });

      await containerd.crictl.run(['info']);
      const id = await startPod(node(), 'plain-0', plain);
      await containerd.crictl.removePod(id);
      const verbs = (await readFile(host.path('/run/verbs'), 'utf8')).trim().split('\n');
      assert.deepEqual(verbs, [...status, 'ADD 0', 'DEL 0', 'DEL 0']);
    });
  });
}
