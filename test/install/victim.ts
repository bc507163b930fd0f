// Installs on, or uninstalls from, the node in a directory, and dies by its own hand before the given operation on the
// disk. Reading counts as none: between two changes, one moment is like the other.
import { createFiles } from '../../install/files.ts';
import { uninstall } from '../../install/uninstall.ts';
import { keepUntilComplete } from './keep.ts';
import { sceneConfig, type SceneName } from './scenes.ts';

const [directory = '', scene = '', what = '', last = ''] = process.argv.slice(2);
let operations = 0;
const files = createFiles((operation) => {
  if (['open', 'read', 'readdir'].includes(operation)) return;
  operations += 1;
  if (operations > Number(last)) process.kill(process.pid, 'SIGKILL');
});
const config = sceneConfig(directory, scene as SceneName);
if (what === 'install') await keepUntilComplete(config, 'victim', files);
else await uninstall(config, { by: 'agent', waitMs: 1, files });
