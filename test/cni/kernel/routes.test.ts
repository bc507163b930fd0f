import assert from 'node:assert/strict';
import { parseRoutes } from '../../../cni/kernel/routes.ts';

describe('parseRoutes()', () => {
  const listed: Record<string, readonly string[]> = {
    'inet6 2001:db8::5/64 scope global dynamic mngtmpaddr': ['2001:db8::5'],
    'inet6 2001:db8::5 peer 2001:db8::6/128 scope global nodad': ['2001:db8::5'],
    'inet6 fec0::5/64 scope site': ['fec0::5'],
    'inet6 fd00::5/64 scope 200 tentative': ['fd00::5'],
    'inet6 fe80::5/64 scope link': [],
    'inet6 ::1/128 scope host noprefixroute': [],
    'inet6 ::6/128 scope global nodad': [],
  };
  for (const [line, expected] of Object.entries(listed)) {
    it(`finds ${expected.join() || 'no address that could leak'} in "${line}"`, () => {
      const text = `2: eth0: <UP> mtu 1500\n    ${line}\n       valid_lft forever\n`;
      assert.deepEqual(parseRoutes(text, 'ipv6').globalAddresses, expected);
    });
  }
});
