import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Invocation } from '../../cni/spec/request.ts';
import { withNetns } from '../support/holdings.ts';
import { logged, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';

const valid = (...ids: string[]): object => ({
  'cni.dev/valid-attachments': ids.map((containerID) => ({ containerID, ifname: 'eth0' })),
});

describe('GC', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const gc = (list: object): Invocation =>
    here.add('', { command: 'GC', config: { cniVersion: '1.1.0', ...list } });
  const files = (): string[] => readdirSync(join(here.stateDir(), 'attachments')).sort();
  const strange = ['container-9-eth0.json', 'link-eth0.json', 'notes.txt', 'sub'];
  before(async () => {
    await withNetns(async ({ path }) => {
      for (const containerId of ['one', 'two']) await runPlugin(here.add(path, { containerId }));
    });
    const attachments = join(here.stateDir(), 'attachments');
    for (const name of strange.slice(0, 3)) {
      if (name.startsWith('link')) symlinkSync('one-eth0.json', join(attachments, name));
      else writeFileSync(join(attachments, name), 'not ours');
    }
    mkdirSync(join(attachments, 'sub'));
  });

  const none: Record<string, object> = {
    'no list': {},
    'null for a list': { 'cni.dev/valid-attachments': null },
    'a list that is none': { 'cni.dev/valid-attachments': { containerID: 'one' } },
    'a list with something else in it': { 'cni.dev/valid-attachments': ['one'] },
  };
  for (const [name, list] of Object.entries(none)) {
    it(`with ${name} drops nothing, and says so`, async () => {
      const before = files();
      const outcome = await runPlugin(gc(list));
      assert.deepEqual([outcome.exitCode, outcome.stdout, files()], [0, '', before]);
      assert.match(outcome.stderr, /dropped nothing/);
      assert.equal(logged(outcome).length, 1);
    });
  }

  it('with a list drops the records of all others, and leaves what is not ours', async () => {
    const { exitCode, stdout } = await runPlugin(gc(valid('one', 'unheard-of')));
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.deepEqual(files(), [...strange, 'one-eth0.json'].sort());
  });

  it('with an empty list drops them all', async () => {
    await runPlugin(gc(valid()));
    assert.deepEqual(files(), strange);
  });

  it('succeeds where there is no state directory', async () => {
    const stateDir = join(here.directory(), 'none');
    const { exitCode, stdout } = await runPlugin(gc({ ...valid(), stateDir }));
    assert.deepEqual([exitCode, stdout], [0, '']);
  });
});
