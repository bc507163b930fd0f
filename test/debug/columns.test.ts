import assert from 'node:assert/strict';
import { columns } from '../../debug/columns.ts';
import { COLOURED } from '../../debug/style.ts';

describe('columns()', () => {
  it('aligns cells, and ends no line with a blank', () => {
    assert.equal(
      columns([
        ['a', 'bb', 'c'],
        ['aaa', '', ''],
        ['aa', 'b', 'ccc'],
      ]),
      'a    bb  c\naaa\naa   b   ccc\n',
    );
  });

  it('does not count what only colours', () => {
    assert.equal(
      columns([
        [COLOURED.good('a'), 'b'],
        ['aa', 'b'],
      ]),
      `${COLOURED.good('a')}   b\naa  b\n`,
    );
  });

  it('lets a single cell be as long as it likes', () => {
    assert.equal(columns([['a', 'b'], ['a whole sentence']]), 'a  b\na whole sentence\n');
  });

  it('is nothing for no rows', () => {
    assert.equal(columns([]), '');
  });
});
