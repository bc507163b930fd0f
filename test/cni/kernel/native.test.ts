import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ioctl, loadKoffi } from '../../../cni/kernel/native.ts';

describe('loadKoffi()', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-native-'));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('takes the first directory that will do, and leaves nothing there', () => {
    assert.equal(typeof loadKoffi(['/nonexistent', '/proc', directory]).load, 'function');
    assert.deepEqual(readdirSync(directory), []);
  });

  it('says where it tried, and why it could not', () => {
    assert.throws(
      () => loadKoffi(['/nonexistent', '/proc']),
      ({ message, errors }: AggregateError) => {
        assert.equal(message, 'cannot load koffi from any of /nonexistent, /proc');
        assert.match(errors.map(String).join(), /ENOENT.*\/nonexistent.*\/proc/);
        return true;
      },
    );
  });
});

describe('ioctl()', () => {
  it('passes on what the kernel refuses', () => {
    assert.throws(
      () => ioctl(0, 0xb701),
      /^Error: cannot ask the kernel: ioctl says (ENOTTY|EINVAL)$/,
    );
  });
});
