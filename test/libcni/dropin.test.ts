import assert from 'node:assert/strict';
import { cniNode } from '../support/cninode.ts';
import { succeeded } from '../support/cnitool.ts';
import { holdings, ours } from '../support/holdings.ts';

const families = (rules: readonly string[]): string[] =>
  rules.filter((rule) => rule.endsWith('ports 15001')).map((rule) => rule.split(' ')[0] ?? '');

describe('cnitool with our entry in a drop-in folder', () => {
  const {
    pod: makePod,
    cnitool,
    record,
  } = cniNode({
    cniVersion: '1.1.0',
    files: (primary, own) => ({
      '10-test.conflist': primary,
      [`${primary.name}/50-sluice.conf`]: own,
    }),
  });

  it('chains it behind the others', async () => {
    const pod = await makePod();
    const { stdout, received } = succeeded(await cnitool('add', pod));
    assert.deepEqual(JSON.parse(stdout), received[0]?.config.prevResult);
    assert.deepEqual(families(ours(await holdings(pod))), ['ip', 'ip6']);
    succeeded(await cnitool('check', pod));
    succeeded(await cnitool('del', pod));
    assert.equal(record(pod), undefined);
  });
});

describe('cnitool with our entry in a drop-in folder of a network that takes none', () => {
  const { pod: makePod, cnitool } = cniNode({
    cniVersion: '1.1.0',
    files: (primary, own) => ({
      '10-test.conflist': { ...primary, loadOnlyInlinedPlugins: true },
      [`${primary.name}/50-sluice.conf`]: own,
    }),
  });

  it('does not call us', async () => {
    const pod = await makePod();
    assert.deepEqual(succeeded(await cnitool('add', pod)).received, []);
    assert.deepEqual(ours(await holdings(pod)), []);
  });
});
