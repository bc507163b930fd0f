import assert from 'node:assert/strict';
import { ownEntry } from '../../install/entry.ts';
import { generatedList, isGenerated } from '../../install/generated.ts';
import { parseNetFile } from '../../install/netdir.ts';
import { assertGolden } from '../support/golden.ts';
import { fixture, fixtures } from './fixtures.ts';

const entry = ownEntry();

function generated(name: string): string {
  const primary = parseNetFile({ name, text: fixture(name) });
  assert.ok(primary.is !== 'broken');
  return generatedList(primary, entry);
}

describe('generatedList()', () => {
  for (const name of fixtures('conf')) {
    it(`${name}: becomes a list as libcni makes it one, with our entry`, () => {
      assertGolden(`install/own-${name}list`, generated(name));
    });

    it(`${name}: keeps name, cniVersion and every key`, () => {
      const single = JSON.parse(fixture(name)) as Record<string, unknown>;
      const list = JSON.parse(generated(name)) as Record<string, unknown>;
      assert.deepEqual([list.name, list.cniVersion], [single.name, single.cniVersion]);
      assert.deepEqual(list.plugins, [single, entry]);
    });
  }

  for (const name of [...fixtures('conf'), ...fixtures('conflist')]) {
    it(`${name}: is loaded by a runtime, and known again as ours`, () => {
      const list = parseNetFile({ name: '0-sluice.conflist', text: generated(name) });
      assert.equal(list.is === 'list' && list.types.at(-1), entry.type);
      assert.ok(isGenerated(generated(name)));
      assert.ok(!isGenerated(fixture(name)));
    });
  }

  it('copies a list as it is written', () => {
    assertGolden('install/own-tabs.conflist', generated('tabs.conflist'));
  });
});
