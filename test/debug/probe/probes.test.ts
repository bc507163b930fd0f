import assert from 'node:assert/strict';
import { type Probe, probesFor } from '../../../debug/probe/probes.ts';
import { redirectionCases } from '../../support/redirection.ts';

const addresses = { ipv4: ['10.9.0.5'], ipv6: ['fd00::5'] };
const app = { uid: 1000, gid: 2001 };
const sidecar = { uid: 1337, gid: 1337 };

function probes(name: string, sender: typeof app): string[] {
  const plan = redirectionCases[name];
  assert.ok(plan);
  return probesFor(plan, sender, addresses)
    .filter(({ family }) => family === 'ipv4')
    .map(render);
}

function render({ aim, packet, port }: Probe): string {
  return `${aim} ${packet.proto} ${packet.dst}:${packet.dport} > ${port}`;
}

const outbound = 'outbound tcp 198.51.100.1:15002 > 15001';
const own = 'own-service tcp 10.9.0.5:15002 > 15006';
const inbound = 'inbound tcp 10.9.0.5:15002 > 15006';

const cases: readonly [string, typeof app, readonly string[]][] = [
  ['defaults', app, [outbound, inbound]],
  ['defaults', sidecar, [own, inbound]],
  ['no-inbound', app, [outbound]],
  ['no-outbound', app, [inbound]],
  ['exclude-all-outbound', app, [inbound]],
  ['include-cidrs', app, ['outbound tcp 10.0.0.0:15002 > 15001', inbound]],
  ['include-outbound-ports', app, ['outbound tcp 198.51.100.1:80 > 15001', inbound]],
  ['include-inbound-ports', app, [outbound, 'inbound tcp 10.9.0.5:8080 > 15006']],
  ['include-groups', app, [outbound, inbound]],
  ['exclude-groups', app, [inbound]],
  [
    'dns',
    app,
    [
      outbound,
      'dns-tcp tcp 198.51.100.1:53 > 15053',
      'dns-udp udp 198.51.100.1:53 > 15053',
      inbound,
    ],
  ],
  ['tproxy', sidecar, [own, inbound]],
];

describe('probesFor()', () => {
  for (const [name, sender, wanted] of cases) {
    it(`${name}, by user ${sender.uid}: ${wanted.join(', ')}`, () => {
      assert.deepEqual(probes(name, sender), wanted);
    });
  }
});
