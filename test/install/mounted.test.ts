import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { hasRoot } from '../support/scratch.ts';

const files = join(import.meta.dirname, '../../install/files.ts');

/** As in the agent's container: a directory of the node, mounted where nothing else may be written. */
const script = `
  set -e
  mount -t tmpfs none "$1"
  mkdir "$1/state"
  mount --bind "$1/state" "$1/state"
  if [ "$2" = read-only ]; then mount -o remount,ro "$1"; fi
  exec "$3" --input-type=module -e "
    import { createFiles } from '${files}';
    await createFiles().removeEmpty('$1/state');
  "
`;

describe('a directory of the node that is mounted', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  for (const parent of ['writable', 'read-only']) {
    it(`is left as it is, empty, below a ${parent} one`, async () => {
      const directory = temporaryDirectory();
      const args = ['--mount', 'sh', '-c', script, 'sh', directory.path, parent, process.execPath];
      const { exitCode, stderr } = await execa('unshare', args, { reject: false });
      directory.dispose();
      assert.equal(exitCode, 0, stderr);
    });
  }
});
