// A run that has its cluster, with a pod on each node, and then goes on until it is ended. It says "up" before.
import { cluster } from './cluster.ts';
import { startStatic, untilRunning } from './sandboxes.ts';

describe('a run that is ended', function () {
  this.timeout(0);
  const at = cluster();

  it('waits', async () => {
    for (const node of at().nodes) await startStatic(node, 'plain');
    for (const node of at().nodes) await untilRunning(node, `plain-${node.name}`);
    process.stdout.write('up\n');
    await new Promise(() => undefined);
  });
});
