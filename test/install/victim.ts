// Installs on, or uninstalls from, the node in a directory, and dies by its own hand before the given operation on the
// disk. Reading counts as none: between two changes, one moment is like the other.
import { createFiles } from '../../install/files.ts';
import { uninstall } from '../../install/uninstall.ts';
import { configIn } from './ground.ts';
import { keepUntilComplete } from './keep.ts';

const [directory = '', what = '', last = ''] = process.argv.slice(2);
let operations = 0;
const files = createFiles((operation) => {
  if (['open', 'read', 'readdir'].includes(operation)) return;
  operations += 1;
  if (operations > Number(last)) process.kill(process.pid, 'SIGKILL');
});
if (what === 'install') await keepUntilComplete(configIn(directory), 'victim', files);
else await uninstall(configIn(directory), { by: 'agent', waitMs: 1, files });
