import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, type Collected, type Limits } from '../../../debug/bugreport/collect.ts';
import { type Source } from '../../../debug/bugreport/source.ts';

function source(name: string, run: Source['collect']): Source {
  return { name, what: `read ${name}`, collect: run };
}

function says(name: string, text: string): Source {
  return source(name, async () => text);
}

describe('collect()', () => {
  const run = (sources: readonly Source[], limits: Partial<Limits> = {}): Promise<Collected> =>
    collect(sources, (text) => text.replaceAll('secret', '*'), {
      maxBytes: 100,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      ...limits,
    });
  const outcomes = ({ items }: Collected): Record<string, string> =>
    Object.fromEntries(items.map(({ name, outcome }) => [name, outcome]));

  it('redacts what it collects, and why it could not', async () => {
    const failing = source('b', async () => {
      throw new Error('no secret here');
    });
    const { files, items } = await run([says('a', 'a secret'), failing]);
    assert.deepEqual(files, [{ name: 'a', text: 'a *' }]);
    assert.deepEqual(
      items.map(({ reason }) => reason),
      [undefined, 'no * here'],
    );
  });

  it('keeps within its size, and the end of what is too long', async () => {
    const found = await run([
      says('a', 'x'.repeat(60)),
      says('b', `${'y'.repeat(60)}z`),
      says('c', ''),
    ]);
    assert.deepEqual(outcomes(found), { a: 'collected', b: 'cut', c: 'left-out' });
    assert.equal(found.files[1]?.text, `${'y'.repeat(39)}z`);
  });

  it('does not wait for what never ends', async () => {
    const hung = source('a', async (signal) => sleep(60_000, '', { signal }));
    const found = await run([hung, says('b', 'x')], { eachMs: 5 });
    assert.deepEqual(outcomes(found), { a: 'failed', b: 'collected' });
  });

  it('ends when the time is up', async () => {
    const timeoutMs = 5;
    const slow = source('a', async () => {
      const upAt = performance.now() + timeoutMs;
      while (performance.now() < upAt); // a timer could be early, and leave time to the next
      return 'x';
    });
    const found = await run([slow, says('b', 'x'), says('c', 'x')], { timeoutMs });
    const { b, c } = outcomes(found);
    assert.deepEqual([b, c], ['left-out', 'left-out']);
  });
});
