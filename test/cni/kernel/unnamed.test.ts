import assert from 'node:assert/strict';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { openScratch, readBack } from '../../../cni/kernel/unnamed.ts';

describe('openScratch()', () => {
  const opened = (directories: string[]): number[] => openScratch(2, directories) ?? [];

  it('opens files that have no name, and reads what was written to them', () => {
    const [first = -1, second = -1] = opened(['/dev/shm']);
    writeSync(first, 'one');
    writeSync(first, ' ünd more');
    assert.equal(fstatSync(first).nlink, 0);
    assert.deepEqual([readBack(first), readBack(second)], ['one ünd more', '']);
    [first, second].forEach((file) => {
      closeSync(file);
    });
  });

  it('takes the next directory where one is not there or takes no files', () => {
    const files = opened(['/nonexistent', '/proc', '/tmp']);
    assert.equal(files.length, 2);
    files.forEach(closeSync);
  });

  it('finds nothing where there is no directory for them', () => {
    assert.equal(openScratch(2, ['/nonexistent']), undefined);
  });
});
