import assert from 'node:assert/strict';
import { chain, standing, unchain } from '../../install/conflist.ts';
import { ownEntry } from '../../install/entry.ts';
import { assertGolden } from '../support/golden.ts';
import { fixture, fixtures } from './fixtures.ts';

const entry = ownEntry();

describe('chain()', () => {
  for (const name of fixtures('conflist')) {
    it(`${name}: adds our entry as its neighbours are written`, () => {
      assertGolden(`install/${name}`, chain(fixture(name), entry));
    });

    it(`${name}: is undone byte for byte`, () => {
      assert.equal(unchain(chain(fixture(name), entry), entry.type), fixture(name));
    });

    it(`${name}: changes nothing the second time`, () => {
      const once = chain(fixture(name), entry);
      assert.equal(standing(once, entry), 'right');
      assert.equal(chain(once, entry), once);
    });
  }

  const bare = '{"name": "x", "plugins": [{"type": "a"}, {"type": "b"}]}';
  const older = ownEntry({ logLevel: 'debug' });
  const own = JSON.stringify(older);
  const wrong: Record<string, [text: string, found: string]> = {
    'has an older one': [chain(bare, older), 'entry-changed'],
    'has it first': [bare.replace('[', `[${own}, `), 'entry-not-last'],
    'has it in the middle': [bare.replace('"a"}, ', `"a"}, ${own}, `), 'entry-not-last'],
    'has it twice': [chain(bare, older).replace(']', `, ${own}]`), 'entry-not-last'],
    'has none': [bare, 'entry-missing'],
  };
  for (const [name, [text, found]] of Object.entries(wrong)) {
    it(`puts a list right that ${name}`, () => {
      assert.equal(standing(text, entry), found);
      assert.equal(chain(text, entry), chain(bare, entry));
    });
  }

  it('leaves an entry alone that another agent has written in another way', () => {
    const { type, capabilities } = entry;
    const other = JSON.stringify({ capabilities, type }, undefined, 7);
    const text = bare.replace(']', `, ${other}]`);
    assert.equal(chain(text, entry), text);
  });
});
