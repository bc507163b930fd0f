import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chain, type Entry, standing, unchain } from '../../install/conflist.ts';
import { ownEntry } from '../../install/entry.ts';

const entry = ownEntry();

const values = fc.jsonValue({ maxDepth: 3 });
const types = fc.constantFrom('bridge', 'portmap', 'a ] in "it', 'sluice-cni-2', '\\');
const plugins = fc
  .tuple(fc.dictionary(fc.string(), values), types)
  .map(([keys, type]) => ({ ...keys, type }));
const lists = fc
  .record({
    before: fc.dictionary(fc.string(), values),
    plugins: fc.array(plugins, { minLength: 1, maxLength: 4 }),
    after: fc.dictionary(fc.string(), values),
  })
  .map(({ before, plugins: each, after }) => ({ ...before, ...after, name: 'x', plugins: each }));
/** As one daemon or another writes JSON. */
const writings = fc
  .tuple(fc.constantFrom('', ' ', '  ', '\t', '   \t'), fc.constantFrom('\n', '\r\n', ' \n\n'))
  .map(
    ([unit, lineEnd]) =>
      (value: unknown) =>
        JSON.stringify(value, undefined, unit).replaceAll('\n', lineEnd) + lineEnd,
  );
const entries = fc
  .dictionary(fc.constantFrom('logLevel', 'stateDir', 'excludeNamespaces'), values)
  .map((keys): Entry => ({ ...keys, type: 'sluice-cni' }));

describe('chain() and unchain()', () => {
  it('unchain() undoes chain() byte for byte', () => {
    fc.assert(
      fc.property(lists, writings, entries, (list, write, own) => {
        const text = write(list);
        assert.equal(unchain(chain(text, own), own.type), text);
      }),
    );
  });

  it('chain() adds our entry as the last plugin, and changes no other value', () => {
    fc.assert(
      fc.property(lists, writings, entries, (list, write, own) => {
        const wanted = { ...list, plugins: [...list.plugins, own] };
        const same = JSON.parse(JSON.stringify(wanted)) as unknown;
        assert.deepEqual(JSON.parse(chain(write(list), own)), same);
      }),
    );
  });

  it('chain() twice is chain() once, whatever was there before', () => {
    fc.assert(
      fc.property(lists, writings, entries, (list, write, older) => {
        const once = chain(chain(write(list), older), entry);
        assert.equal(standing(once, entry), 'right');
        assert.equal(chain(once, entry), once);
        assert.equal(once, chain(write(list), entry));
      }),
    );
  });

  it('unchain() takes out nothing but our entry after the owner has written the list anew', () => {
    fc.assert(
      fc.property(lists, writings, writings, (list, write, rewrite) => {
        const theirs = JSON.parse(chain(write(list), entry)) as unknown;
        const left = JSON.parse(unchain(rewrite(theirs), entry.type)) as unknown;
        assert.deepEqual(left, JSON.parse(JSON.stringify(list)));
      }),
    );
  });
});
