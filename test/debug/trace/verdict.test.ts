import assert from 'node:assert/strict';
import { type End } from '../../../debug/trace/journey.ts';
import { type Packet } from '../../../debug/trace/packet.ts';
import { verdictOf } from '../../../debug/trace/verdict.ts';
import { redirection } from '../../support/redirection.ts';

const sent: Packet = {
  hook: 'OUTPUT',
  device: 'eth0',
  proto: 'tcp',
  src: '10.9.0.5',
  dst: '10.9.9.9',
  sport: 40000,
  dport: 80,
  owner: { uid: 1000, gid: 1000 },
  mark: 0,
  connmark: 0,
  ctstate: 'NEW',
};
const to = (port: number): End => ({ kind: 'redirected', port, by: 'nat OUTPUT 1: …' });
const sidecar = { ...sent, owner: { uid: 1337, gid: 1000 } };
const group = { ...sent, owner: { uid: 0, gid: 1337 } };

const cases: readonly [string, End, Packet, string, number][] = [
  ["the app's", to(15001), sent, 'redirected', 0],
  ["the sidecar's, to itself", to(15001), sidecar, 'loops', 1],
  ["that of the sidecar's group, to its DNS listener", to(15053), group, 'loops', 1],
  ["the sidecar's, to its own Service", to(15006), sidecar, 'redirected', 0],
  ['one that is not understood', { kind: 'unknown', why: '…' }, sent, 'unknown', 3],
  ['a dropped one', { kind: 'dropped', by: '…', isAnswered: false }, sent, 'dropped', 1],
];

describe('verdictOf()', () => {
  for (const [what, end, packet, kind, exitCode] of cases) {
    it(`${what}: ${kind}`, () => {
      const verdict = verdictOf(end, packet, redirection());
      assert.deepEqual([verdict.kind, verdict.exitCode], [kind, exitCode]);
    });
  }
});
