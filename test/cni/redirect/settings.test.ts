import assert from 'node:assert/strict';

import { type Format, read, together } from '../../../cni/redirect/settings.ts';

const digits: Format<number> = {
  fallback: '7',
  parse: (text, warn) => {
    if (text === '') throw new RangeError('no digits');
    if (text.startsWith('0')) {
      for (let i = 8 - Number(text); i < 8; i++) warn(`w${i}`);
    }
    return Number(text);
  },
  render: (value) => `#${value}`,
};

describe('read()', () => {
  it('yields the value with its source', async () => {
    assert.deepEqual(await read('n', { source: 'label n', text: '5' }, digits), {
      value: 5,
      settings: [{ name: 'n', value: '#5', source: 'label n' }],
      warnings: [],
      problems: [],
    });
  });

  it('yields the default where nothing is said', async () => {
    const { value, settings } = await read('n', undefined, digits);
    assert.deepEqual([value, settings], [7, [{ name: 'n', value: '#7', source: 'default' }]]);
  });

  it('tells a problem with its place', async () => {
    const { problems, settings } = await read('n', { source: 'label n', text: '' }, digits);
    assert.deepEqual([problems, settings], [['label n: no digits'], []]);
  });

  it('does not guess', async () => {
    const { problems } = await read('n', { source: 'env N', text: undefined }, digits);
    assert.deepEqual(problems, [
      'env N: expected a literal value, as nobody knows yet what valueFrom or $(…) will stand for',
    ]);
  });

  it('tells warnings with their place', async () => {
    const { warnings } = await read('n', { source: 'label n', text: '02' }, digits);
    assert.deepEqual(warnings, ['label n: w6', 'label n: w7']);
  });

  it('tells five warnings and counts the rest', async () => {
    const { warnings } = await read('n', { source: 's', text: '07' }, digits);
    const told = ['s: w1', 's: w2', 's: w3', 's: w4', 's: w5'];
    assert.deepEqual(warnings, [...told, 's: 2 more like these']);
  });
});

describe('together()', () => {
  it('keeps keys and order', async () => {
    const [b, a, wrong] = [
      await read('b', { source: 's', text: '01' }, digits),
      await read('a', undefined, digits),
      await read('c', { source: 't', text: '' }, digits),
    ];
    assert.deepEqual(together<{ b: number; a: number; c: number }>({ b, a, c: wrong }), {
      value: { b: 1, a: 7, c: 7 },
      settings: [...b.settings, ...a.settings],
      warnings: ['s: w7'],
      problems: ['t: no digits'],
    });
  });
});
