import assert from 'node:assert/strict';
import { command } from '../../debug/uninstall.ts';
import { fixture } from '../install/fixtures.ts';
import { ground } from '../install/ground.ts';
import { keepUntilComplete } from '../install/keep.ts';
import { invoke, type Told } from './invoke.ts';

describe('uninstall', () => {
  const node = ground();
  const primary = '10-calico.conflist';
  const run = (args: readonly string[], signal?: AbortSignal): Promise<Told> =>
    invoke(command, args, { place: node.config(), ...(signal && { signal }) });
  beforeEach(async () => {
    node.write(primary, fixture('calico.conflist'));
    await keepUntilComplete(node.config(), 'agent-1');
  });

  it('prints with --dry-run what it would do, in order, and does nothing', async () => {
    const before = node.all();
    const { exitCode, text, value } = await run(['--dry-run']);
    const { netDir, binDir } = node.config();
    assert.equal(exitCode, 0);
    const lines = text.split('\n');
    assert.deepEqual(lines.slice(1, 4), [
      `take our entry out of ${netDir}/${primary}`,
      'wait 10 s for the runtime',
      `remove ${binDir}/sluice-cni`,
    ]);
    assert.deepEqual(lines.slice(-2), ['nothing was done', '']);
    assert.deepEqual(value, { done: false, steps: lines.slice(0, -2) });
    assert.deepEqual(node.all(), before);
  });

  it('takes the entry out first, and keeps all that it named until the runtime has noticed', async () => {
    const stop = new AbortController();
    const told = run([], stop.signal);
    while (node.read(primary) !== fixture('calico.conflist')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.ok('bin/sluice-cni' in node.all());
    stop.abort();
    await assert.rejects(told, { exitCode: 3, message: /begun: write .*; wait 10 s/ });
    assert.ok('bin/sluice-cni' in node.all());
  });

  it('takes all else away where no entry is left', async () => {
    node.write(primary, fixture('calico.conflist'));
    const { exitCode, text } = await run([]);
    assert.equal(exitCode, 0);
    assert.match(text, /Sluice is off this node\n$/);
    const files = Object.entries(node.all()).filter(([, content]) => content !== '/');
    assert.deepEqual(
      files.map(([name]) => name),
      [`net.d/${primary}`, 'source', 'state/installer.json'],
    );
  });

  it('takes no arguments', async () => {
    await assert.rejects(run(['now']), { exitCode: 2 });
  });
});
