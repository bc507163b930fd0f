import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { placeOf, toolboxBeside } from '../../../cni/kernel/place.ts';
import { findProgram, findTools, needProgram } from '../../../cni/kernel/tools.ts';

describe('placeOf()', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-place-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const provide = (...files: readonly string[]): void => {
    for (const path of files.map((file) => join(directory, file))) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
      chmodSync(path, 0o755);
    }
  };

  it('is where distributions keep programs, in their order', () => {
    assert.deepEqual(placeOf(undefined), {
      directories: ['/usr/sbin', '/sbin', '/usr/bin', '/bin'],
      loader: [],
      env: {},
    });
  });

  it('is a directory of programs', () => {
    provide('ip', 'lib/libc.so.6');
    const place = placeOf(directory);
    assert.deepEqual(place, { directories: [directory], loader: [], env: {} });
    assert.deepEqual(findProgram('ip', place), [`${directory}/ip`]);
  });

  for (const name of ['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1']) {
    it(`is a tool box, whose loader starts all: ${name}`, () => {
      provide('bin/ip', `lib/${name}`, 'lib/libc.so.6');
      const lib = `${directory}/lib`;
      const place = placeOf(directory);
      assert.deepEqual(place.env, { XTABLES_LIBDIR: `${lib}/xtables` });
      assert.deepEqual(needProgram('ip', place), [
        ...[`${lib}/${name}`, '--inhibit-cache', '--library-path', lib],
        `${directory}/bin/ip`,
      ]);
    });
  }

  it('is beside an executable once it has its loader', () => {
    provide('.sluice/1.2.3/bin/ip', '.sluice/1.2.3/lib/libc.so.6');
    const beside = (): string | undefined => toolboxBeside(`${directory}/sluice-cni`, '1.2.3');
    assert.equal(beside(), undefined);
    provide('.sluice/1.2.3/lib/ld-linux-x86-64.so.2');
    assert.equal(beside(), `${directory}/.sluice/1.2.3`);
  });

  it("takes nothing of the host's where a tool box lacks it", () => {
    provide('bin/iptables-nft-restore', 'bin/nsenter', 'lib/ld-linux-x86-64.so.2');
    assert.equal(findProgram('ip', placeOf(directory)), undefined);
    assert.throws(() => findTools('auto', directory), {
      code: 103,
      message: new RegExp(`^cannot find ip in ${directory}/bin: `),
    });
  });
});
