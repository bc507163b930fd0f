import assert from 'node:assert/strict';
import { parseAddresses } from '../../../../agent/census/look/routes.ts';

describe('parseAddresses()', () => {
  const lines: Record<string, [line: string, addresses: readonly string[]]> = {
    'a global one': ['20010db8000000000000000000000005 02 40 00 80     eth0', ['2001:db8::5']],
    'a unique local one': ['fd00000000000000000000000000000a 02 40 00 80     eth0', ['fd00::a']],
    'a site-local one': ['fec00000000000000000000000000005 02 40 40 80     eth0', ['fec0::5']],
    "the sidecar's": ['00000000000000000000000000000006 01 80 80 80       lo', ['::6']],
    'not the loopback': ['00000000000000000000000000000001 01 80 10 80       lo', []],
    'not a link-local one': ['fe80000000000000a8aaaafffe000001 02 40 20 80     eth0', []],
    nothing: ['', []],
  };
  for (const [what, [line, addresses]] of Object.entries(lines)) {
    it(`reads ${what}`, () => {
      assert.deepEqual(parseAddresses(`${line}\n`), addresses);
    });
  }
});
