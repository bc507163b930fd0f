import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';

const heap = join(import.meta.dirname, '../../agent/heap.ts');

/** Fills a heap with what is dropped afterwards, and tells what the heap takes before and after that is given back. */
const script = `
  import { keepHeapSmall, shrinkHeapAfter } from ${JSON.stringify(heap)};
  keepHeapSmall();
  let held = Array.from({ length: 300_000 }, (_, i) => ({ name: 'pod ' + i, labels: { app: 'web ' + i } }));
  const before = process.memoryUsage().heapTotal;
  held = undefined;
  shrinkHeapAfter(1);
  setTimeout(() => process.stdout.write(JSON.stringify([before, process.memoryUsage().heapTotal])), 50);
`;

describe('shrinkHeapAfter()', () => {
  it('gives back what nothing holds any more', async () => {
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script]);
    const [before = 0, after = 0] = JSON.parse(stdout) as number[];
    assert.ok(after < before / 2, stdout);
  });
});
