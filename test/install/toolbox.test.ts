import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFiles } from '../../install/files.ts';
import { createToolbox, LONGEST_ADD_MS, type Toolbox } from '../../install/toolbox.ts';

describe('createToolbox()', () => {
  let directory = '';
  let binDir = '';
  let clock = 0;
  let operations: string[] = [];
  let toolbox: Toolbox;
  const version = '1.2.3';
  const box = (): string => join(directory, 'image/.sluice', version);
  const target = (name = ''): string => join(binDir, '.sluice', version, name);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-toolbox-'));
    binDir = join(directory, 'bin');
    mkdirSync(binDir);
    clock = 0;
    operations = [];
    for (const name of ['lib/ld-linux-x86-64.so.2', 'lib/xtables/libxt_owner.so', 'bin/dash']) {
      const path = join(box(), name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `content of ${name}`);
    }
    symlinkSync('dash', join(box(), 'bin/sh'));
    toolbox = create();
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const create = (source = 'image/sluice-cni'): Toolbox => {
    const files = createFiles((operation, path) => operations.push(`${operation} ${path}`));
    const config = { source: join(directory, source), binDir };
    return createToolbox(config, { files, now: () => clock, version });
  };

  it('puts all of them on the node, for every user, under each of their names', async () => {
    await toolbox.keep();
    assert.equal(toolbox.path, box());
    const modes = ['bin/dash', 'bin/sh', 'lib/ld-linux-x86-64.so.2', 'lib/xtables/libxt_owner.so'];
    assert.deepEqual(
      modes.map((name) => (statSync(target(name)).mode & 0o777).toString(8)),
      ['755', '755', '755', '644'],
    );
    assert.equal(readFileSync(target('bin/sh'), 'utf8'), 'content of bin/dash');
    for (const name of ['', 'bin', 'lib', 'lib/xtables']) {
      assert.equal(statSync(target(name)).mode & 0o755, 0o755);
    }
  });

  it('puts the loader last, so that no plugin takes a part of them for all', async () => {
    await toolbox.keep();
    const renamed = operations.filter((each) => each.startsWith('rename '));
    assert.equal(renamed.length, 4);
    assert.equal(renamed.at(-1), `rename ${target('lib/ld-linux-x86-64.so.2')}`);
  });

  it('writes nothing that is right', async () => {
    await toolbox.keep();
    operations = [];
    await toolbox.keep();
    assert.deepEqual(
      operations.filter((each) => !each.startsWith('readdir ')),
      [],
    );
  });

  it('puts right what was changed or removed', async () => {
    await toolbox.keep();
    writeFileSync(target('lib/xtables/libxt_owner.so'), 'of somebody else');
    rmSync(target('bin'), { recursive: true });
    await toolbox.keep();
    assert.match(readFileSync(target('lib/xtables/libxt_owner.so'), 'utf8'), /^content of/);
    assert.deepEqual(readdirSync(target('bin')), ['dash', 'sh']);
  });

  it('does nothing where the image has none', async () => {
    const none = create('elsewhere/sluice-cni');
    await none.keep();
    assert.equal(none.path, undefined);
    assert.deepEqual(readdirSync(binDir), []);
  });

  it('says why they cannot be put there', async () => {
    writeFileSync(join(binDir, '.sluice'), '');
    await assert.rejects(toolbox.keep(), /^CniError: cannot write ".*\.sluice/);
  });

  describe('those of another version', () => {
    const old = (): string => join(binDir, '.sluice/1.2.2');
    beforeEach(async () => {
      await toolbox.keep();
      mkdirSync(join(old(), 'bin'), { recursive: true });
      chmodSync(old(), 0o755);
      await toolbox.removeOld();
    });

    it('stay while an ADD may use them', async () => {
      clock += LONGEST_ADD_MS - 1;
      await toolbox.removeOld();
      assert.ok(existsSync(old()));
    });

    it('go when none can', async () => {
      clock += LONGEST_ADD_MS;
      await toolbox.removeOld();
      assert.deepEqual(readdirSync(dirname(old())), [version]);
    });

    it('stay for as long again after another executable was there', async () => {
      clock += LONGEST_ADD_MS - 1;
      toolbox.waitAgain();
      clock += 1;
      await toolbox.removeOld();
      assert.ok(existsSync(old()));
      clock += LONGEST_ADD_MS;
      await toolbox.removeOld();
      assert.ok(!existsSync(old()));
    });
  });
});
