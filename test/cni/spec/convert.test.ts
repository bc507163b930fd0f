import assert from 'node:assert/strict';

import fc from 'fast-check';

import { convertResult } from '../../../cni/spec/convert.ts';
import { type JsonObject } from '../../../cni/spec/json.ts';
import { type CniVersion } from '../../../cni/spec/version.ts';
import { failure } from '../../support/invocation.ts';

const dns = { nameservers: ['10.96.0.10'] };
const v4 = { address: '10.0.0.2/24', gateway: '10.0.0.1' };
const v6 = { address: 'fd00::2/64', gateway: 'fd00::1' };
const route4 = { dst: '0.0.0.0/0', gw: '10.0.0.1' };
const route6 = { dst: '::/0', gw: 'fd00::1' };
const routes = [route4, route6];
const eth0 = { name: 'eth0', mac: '00:11', sandbox: '/n' };

/** One attachment in every format. */
const same: readonly (readonly [CniVersion, JsonObject])[] = [
  [
    '0.2.0',
    {
      ip4: { ip: v4.address, gateway: v4.gateway, routes: [route4] },
      ip6: { ip: v6.address, gateway: v6.gateway, routes: [route6] },
      dns,
    },
  ],
  [
    '0.3.0',
    {
      ips: [
        { version: '4', ...v4 },
        { version: '6', ...v6 },
      ],
      routes,
      dns,
    },
  ],
  ['1.0.0', { ips: [v4, v6], routes, dns }],
];

function convert(result: JsonObject, from: CniVersion, to: CniVersion): unknown {
  return JSON.parse(JSON.stringify(convertResult(result, from, to)));
}

describe('convertResult()', () => {
  for (const [from, result] of same) {
    for (const [to, expected] of same) {
      it(`says the same in ${from} and ${to}`, () => {
        assert.deepEqual(convert(result, from, to), { ...expected, cniVersion: to });
      });
    }
  }

  interface Case {
    readonly from: CniVersion;
    readonly to: CniVersion;
    readonly result: JsonObject;
    readonly expected: JsonObject;
  }
  const cases: Record<string, Case> = {
    'keeps interface 0 downwards': {
      ...{ from: '1.1.0', to: '0.4.0' },
      result: { interfaces: [eth0], ips: [{ interface: 0, ...v4 }] },
      expected: { interfaces: [eth0], ips: [{ interface: 0, version: '4', ...v4 }], dns: {} },
    },
    'keeps interface 0 upwards': {
      ...{ from: '0.3.1', to: '1.0.0' },
      result: { interfaces: [eth0], ips: [{ interface: 0, version: '4', ...v4 }], dns: {} },
      expected: { interfaces: [eth0], ips: [{ interface: 0, ...v4 }] },
    },
    'derives the IP version from the address': {
      ...{ from: '1.0.0', to: '0.3.0' },
      result: { ips: [{ version: '4', ...v6 }] },
      expected: { ips: [{ version: '6', ...v6 }], dns: {} },
    },
    'takes only the first address of a family to 0.2.0': {
      ...{ from: '1.1.0', to: '0.2.0' },
      result: { ips: [v6, v4, { address: '10.9.9.9/8' }, { address: 'fe80::1/64' }] },
      expected: {
        ip4: { ip: v4.address, gateway: v4.gateway },
        ip6: { ip: v6.address, gateway: v6.gateway },
        dns: {},
      },
    },
    'drops IPv6 routes without an IPv6 address, and what a route of 0.1.0 cannot say': {
      ...{ from: '1.1.0', to: '0.1.0' },
      result: { interfaces: [eth0], ips: [v4], routes: [{ ...route4, mtu: 1400 }, route6] },
      expected: { ip4: { ip: v4.address, gateway: v4.gateway, routes: [route4] }, dns: {} },
    },
    'keeps what libcni keeps in the routes of 0.4.0': {
      ...{ from: '1.1.0', to: '0.4.0' },
      result: { ips: [v4], routes: [{ dst: '0.0.0.0/0', mtu: 1400, table: 0 }] },
      expected: {
        ips: [{ version: '4', ...v4 }],
        routes: [{ dst: '0.0.0.0/0', mtu: 1400, table: 0 }],
        dns: {},
      },
    },
    'drops the keys of 1.1.0 from interfaces': {
      ...{ from: '1.1.0', to: '0.4.0' },
      result: { interfaces: [{ ...eth0, mtu: 1400, socketPath: '/s', PCIID: '1' }] },
      expected: { interfaces: [eth0], dns: {} },
    },
    'keeps keys that nobody knows': {
      ...{ from: '0.2.0', to: '1.0.0' },
      result: { ip4: { ip: v4.address }, 'example.com/x': { y: 0 } },
      expected: { ips: [{ address: v4.address }], 'example.com/x': { y: 0 } },
    },
    'reads keys in any letter case': {
      ...{ from: '1.0.0', to: '0.2.0' },
      result: { CNIVersion: '1.0.0', IPs: [{ Address: v4.address }], Routes: [{ Dst: '::/0' }] },
      expected: { ip4: { ip: v4.address }, dns: {} },
    },
    'omits a dns that says nothing': {
      ...{ from: '0.4.0', to: '1.0.0' },
      result: { ips: [], dns: { nameservers: [], domain: '', search: null } },
      expected: {},
    },
    'turns absent values into absent ones': {
      ...{ from: '0.1.0', to: '0.4.0' },
      result: { ip4: null, dns: null },
      expected: { dns: {} },
    },
  };
  for (const [name, { from, to, result, expected }] of Object.entries(cases)) {
    it(name, () => {
      assert.deepEqual(convert(result, from, to), { ...expected, cniVersion: to });
    });
  }

  for (const result of [{}, { ips: [] }, { ips: null }]) {
    it(`cannot say ${JSON.stringify(result)} in 0.2.0`, () => {
      const { code, message } = failure(() => convertResult(result, '1.0.0', '0.2.0'));
      const expected = 'cannot convert prevResult to ip4 and ip6: it has no IP address';
      assert.deepEqual([code, message], [1, expected]);
    });
  }

  const wrong: [JsonObject, string][] = [
    [{ ips: {} }, 'ips is {}, wanted a list'],
    [{ ips: ['10.0.0.2'] }, 'ips is "10.0.0.2", wanted an object'],
    [{ ips: [{}] }, 'an address is undefined, wanted a string'],
    [{ ips: [v4], routes: 'x' }, 'routes is "x", wanted a list'],
  ];
  for (const [result, expected] of wrong) {
    it(`refuses ${JSON.stringify(result)}`, () => {
      const { code, message } = failure(() => convertResult(result, '1.0.0', '0.2.0'));
      assert.deepEqual([code, message], [7, `cannot convert prevResult: ${expected}`]);
    });
  }

  it('comes back the same from 0.4.0, for any addresses', () => {
    const address = fc.oneof(
      fc.ipV4().map((ip) => `${ip}/24`),
      fc.ipV6().map((ip) => `${ip}/64`),
    );
    const ip = fc.record(
      { address, interface: fc.nat(), gateway: fc.ipV4() },
      { requiredKeys: ['address'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(ip, { minLength: 1 }), (ips) => {
        const older = convertResult({ ips }, '1.1.0', '0.4.0');
        assert.deepEqual(convert(older, '0.4.0', '1.1.0'), { ips, cniVersion: '1.1.0' });
      }),
    );
  });
});
