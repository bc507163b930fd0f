import assert from 'node:assert/strict';
import { renderTable } from '../../demo/table.ts';

describe('renderTable()', () => {
  it('gives each column its widest cell, and leaves nothing at the end of a line', () => {
    const rows = [
      ['to', '', 'went'],
      ['peer:8080', 'ipv4', ''],
    ];
    assert.equal(renderTable(rows), '  to               went\n  peer:8080  ipv4\n');
  });
});
