import assert from 'node:assert/strict';
import { parseArguments } from '../../../debug/arguments.ts';
import { type Addresses, type Asked, PACKET, parsePacket } from '../../../debug/trace/arguments.ts';

const unknown: Addresses = { ipv4: [], ipv6: [] };
const asked = (line: string, addresses: Addresses): Asked =>
  parsePacket(parseArguments(line.split(' '), PACKET), addresses);

describe('parsePacket()', () => {
  const both = { ipv4: ['10.244.0.2'], ipv6: ['fd00::2'] };
  const cases: readonly [what: string, Addresses, dst: string][] = [
    ['a pod with addresses of both families', both, '10.244.0.2'],
    ['a pod with IPv6 alone', { ...both, ipv4: [] }, 'fd00::2'],
    ['a pod that was not looked at', unknown, '192.0.2.1'],
  ];
  for (const [what, addresses, dst] of cases) {
    it(`takes a port alone for that of ${what}, inbound`, () => {
      const { packet } = asked('--in --dst :15020', addresses);
      assert.deepEqual([packet.dst, packet.dport, packet.device], [dst, 15_020, 'eth0']);
    });
  }

  const wrong: Readonly<Record<string, RegExp>> = {
    '--dst :80': /^cannot use --dst ":80": wanted 10\.0\.0\.9:80 or/,
    '--in --dst :99999': /: wanted a port up to 65535$/,
    '--in --src :80 --dst :80': /^cannot use --src ":80"/,
    '--in': /^cannot trace a packet to nowhere/,
  };
  for (const [line, message] of Object.entries(wrong)) {
    it(`refuses ${line}`, () => {
      assert.throws(() => asked(line, both), { exitCode: 2, message });
    });
  }
});
