import assert from 'node:assert/strict';

import { parseBoolean } from '../../../cni/redirect/booleans.ts';

describe('parseBoolean()', () => {
  const cases: [value: boolean | undefined, ...texts: string[]][] = [
    [true, '1', 't', 'T', 'TRUE', 'true', 'True'],
    [false, '0', 'f', 'F', 'FALSE', 'false', 'False'],
    [undefined, '', 'yes', 'on', 'tRUE', ' true', '2'],
  ];
  for (const [value, ...texts] of cases) {
    it(`reads ${JSON.stringify(texts)} as ${String(value)}`, () => {
      assert.deepEqual(
        texts.map(parseBoolean),
        texts.map(() => value),
      );
    });
  }
});
