import assert from 'node:assert/strict';

import { readOwnerGroups } from '../../../cni/redirect/groups.ts';
import { container } from '../../support/pod.ts';

const INCLUDE = 'ISTIO_OUTBOUND_OWNER_GROUPS';
const EXCLUDE = 'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE';

describe('readOwnerGroups()', () => {
  const cases: [env: Record<string, string>, groups: object, values: string[]][] = [
    [{}, { redirect: 'all' }, ['*', '']],
    [{ [EXCLUDE]: '2,1' }, { redirect: 'except', groups: [1, 2] }, ['*', '1,2']],
    [{ [INCLUDE]: '3' }, { redirect: 'only', groups: [3] }, ['3', '']],
    [{ [INCLUDE]: '' }, { redirect: 'only', groups: [] }, ['', '']],
    [{ [INCLUDE]: '3', [EXCLUDE]: '1' }, { redirect: 'only', groups: [3] }, ['3', '']],
    [{ [INCLUDE]: '*', [EXCLUDE]: '0' }, { redirect: 'except', groups: [0] }, ['*', '0']],
  ];
  for (const [env, groups, values] of cases) {
    it(JSON.stringify(env), async () => {
      const { value, settings } = await read(env);
      assert.deepEqual([value, settings.map((setting) => setting.value)], [groups, values]);
    });
  }

  it('warns of excluded groups that count for nothing', async () => {
    const { warnings } = await read({ [INCLUDE]: '3', [EXCLUDE]: '1' });
    assert.deepEqual(warnings, [
      'excluded owner groups count for nothing: the list of included ones wins',
    ]);
  });

  it('tells what is wrong in both', async () => {
    const { problems } = await read({ [INCLUDE]: 'java', [EXCLUDE]: '*' });
    assert.equal(problems.length, 2);
  });
});

async function read(env: Readonly<Record<string, string>>) {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return readOwnerGroups(container('istio-proxy', { env: variables }));
}
