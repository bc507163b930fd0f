import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { addressOf, apply, readyPods } from './ask.ts';
import { clear } from './clear.ts';
import { cluster } from './cluster.ts';
import { applyManifest, install, uninstall, untilInstalled } from './install.ts';
import { rulesOf } from './kernel.ts';
import { CONFLIST } from './node.ts';
import { deployment } from './pods.ts';
import { untilTrue } from './until.ts';

const web = deployment('web', { mesh: 'container', node: 'node-1' });

describe('another order', function () {
  this.timeout(240_000);
  const at = cluster();
  const file = (): string => at().nodes[0].host.path(CONFLIST);
  const isChained = async (): Promise<boolean> =>
    (await readFile(file(), 'utf8').catch(() => '')).includes('"type": "sluice-cni"');
  const rules = async (): Promise<readonly string[]> =>
    rulesOf(at().nodes[0].host, addressOf((await readyPods(at(), 'web'))[0]));
  afterEach(() => clear(at()));

  it('pods first, agent later: the configuration is rewritten and the pods are repaired', async () => {
    await uninstall(at());
    await apply(at(), web);
    assert.deepEqual(await rules(), []);
    await install(at());
    assert.ok(await isChained());
    await untilTrue('it is repaired', async () => (await rules()).length > 0);
  });

  it('agent first, primary CNI later: the configuration is rewritten as soon as it is there', async () => {
    await uninstall(at());
    await rm(file());
    await untilTrue('the node notices', async () => {
      const reason = '{.status.conditions[?(@.type=="Ready")].status}';
      return (
        (await at().kubectl(['get', 'node', 'node-1', `--output=jsonpath=${reason}`])) === 'False'
      );
    });
    await applyManifest(at());
    await writeFile(file(), at().nodes[0].network);
    await untilInstalled(at());
    assert.ok(await isChained());
    await apply(at(), web);
    assert.notDeepEqual(await rules(), []);
  });

  it('the primary CNI writes its configuration anew: rewritten once more', async () => {
    await install(at());
    await writeFile(file(), at().nodes[0].network);
    await untilTrue('our entry is back', isChained);
    await apply(at(), web);
    assert.notDeepEqual(await rules(), []);
  });
});
