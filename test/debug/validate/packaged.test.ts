import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { execa } from 'execa';
import { createCleanup } from '../../support/cleanup.ts';
import { redirect, scratchDirectory, scratchName } from '../../support/ground.ts';
import { createMesh, type Mesh } from '../../support/mesh.ts';
import { executable } from '../../support/plugin.ts';
import { hasRoot } from '../../support/scratch.ts';

const as1337 =
  '--reuid=1337 --regid=1337 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs';
const injected =
  'istio-iptables -p 15001 -z 15006 -u 1337 -m REDIRECT -i * -b * -d 15090,15021,15020 --run-validation --skip-rule-apply';

describe('the executable in the place of istio-validation', () => {
  const cleanup = createCleanup();
  let mesh: Mesh;
  let file = '';

  before(async function () {
    if (!hasRoot()) this.skip();
    mesh = await createMesh(scratchName(), cleanup);
    // That user may not be allowed to read the folder that it lies in.
    const directory = await scratchDirectory(cleanup);
    file = `${directory}/sluice`;
    await copyFile(executable, file, constants.COPYFILE_FICLONE);
  });
  after(() => cleanup.run());

  const validate = async (): Promise<string> => {
    const command = [
      `--net=${mesh.pod.path}`,
      '--',
      'setpriv',
      ...as1337.split(' '),
      file,
      ...injected.split(' '),
    ];
    const { exitCode, stdout, stderr } = await execa('nsenter', [...command, '--timeout', '1'], {
      reject: false,
      cwd: '/',
    });
    return `${exitCode}: ${stdout}${stderr}`;
  };

  it('ends with 126 before the pod is redirected, and with 0 afterwards, without a capability', async () => {
    assert.match(await validate(), /^126: the pod is not redirected as it should be/);
    await redirect(mesh.pod, 'iptables-nft', {});
    assert.match(await validate(), /^0: the pod is redirected, as user 1337/);
  });
});
