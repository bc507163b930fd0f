import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  commonRanges,
  mergeRanges,
  parsePort,
  parsePortRanges,
  parsePortSet,
  type PortRange,
  renderPortSet,
} from '../../../cni/redirect/ports.ts';

const port = fc.integer({ min: 1, max: 65535 });
const item = fc.oneof(
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);
/** Few and near each other, so that they overlap and touch. */
const near = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map(String),
  fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(5)).map(([a, n]) => `${a}-${a + n}`),
);
const fewPorts = fc.array(near).map((items) => parsePortRanges(items.join(',')));
const ranges = fc.array(fc.oneof(item, near)).map((items) => parsePortRanges(items.join(',')));

describe('parsePort()', () => {
  for (const [text, value] of [
    ['1', 1],
    ['65535', 65535],
    ['0080', 80],
  ] as const) {
    it(`takes "${text}"`, () => {
      assert.equal(parsePort(text), value);
    });
  }

  for (const text of ['', '0', '65536', 'ssh', '-1', '+1', '1.0', '1e3', '0x50', ' 80', '*', '٣']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parsePort(text), {
        name: 'RangeError',
        message: `cannot parse port "${text}": expected an integer from 1 to 65535`,
      });
    });
  }
});

describe('parsePortRanges()', () => {
  const cases: Record<string, string> = {
    '': '',
    '  ': '',
    '80': '80',
    ' 443 ,80': '80,443',
    '80,80': '80',
    '80-80': '80',
    '8000-8010,8005-8020': '8000-8020',
    '80,81,82': '80-82',
    '1-65535,7': '1-65535',
    '10-20,12-13': '10-20',
  };
  for (const [text, canonical] of Object.entries(cases)) {
    it(`reads "${text}" as "${canonical}"`, () => {
      assert.equal(renderPortSet(parsePortRanges(text)), canonical);
    });
  }

  for (const text of ['80,,90', '80,', ',', '90-80', '80-', '0-80', '80-65536', '80 90', '80,*']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parsePortRanges(text), RangeError);
    });
  }

  it('is undone by renderPortSet()', () => {
    fc.assert(
      fc.property(ranges, (parsed) => {
        assert.deepEqual(parsePortRanges(renderPortSet(parsed)), parsed);
      }),
    );
  });

  it('yields as few ranges as hold the same ports', () => {
    fc.assert(
      fc.property(fc.array(near), (items) => {
        const one = items.map((text) => parsePortRanges(text));
        const merged = parsePortRanges(items.join(','));
        assert.deepEqual(members(merged), members(one.flat()));
        assert.ok(merged.every(({ first }, i) => first > (merged[i - 1]?.last ?? -1) + 1));
      }),
    );
  });
});

describe('parsePortSet()', () => {
  it('reads "*" as all, and writes it', () => {
    assert.equal(parsePortSet(' * '), 'all');
    assert.equal(renderPortSet('all'), '*');
  });
});

describe('commonRanges()', () => {
  it('holds the ports of both and no other', () => {
    fc.assert(
      fc.property(fewPorts, fewPorts, (a, b) => {
        const expected = members(a).filter((member) => members(b).includes(member));
        assert.deepEqual(members(commonRanges(a, b)), expected);
      }),
    );
  });

  it('is canonical as its arguments are', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        assert.deepEqual(mergeRanges(commonRanges(a, b)), commonRanges(a, b));
      }),
    );
  });
});

/** Every port once, ascending. */
function members(of: readonly PortRange[]): number[] {
  const all = of.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
  return [...new Set(all)].sort((a, b) => a - b);
}
