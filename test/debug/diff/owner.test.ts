import assert from 'node:assert/strict';
import { ownerOf } from '../../../debug/diff/owner.ts';

const cases: readonly [string, string, string | undefined][] = [
  [
    'PREROUTING',
    '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    'kube-proxy or kubelet',
  ],
  ['OUTPUT', '-d 127.0.0.11/32 -j DOCKER_OUTPUT', 'Docker'],
  ['cali-OUTPUT', '-j ACCEPT', 'Calico'],
  ['PREROUTING', '-j PROXY_INIT_REDIRECT', 'Linkerd'],
  ['OUTPUT', '-p tcp -j KUMA_MESH_OUTBOUND', 'Kuma'],
  ['OUTPUT', '-p udp -j ACCEPT', undefined],
];

describe('ownerOf()', () => {
  for (const [chain, rule, owner] of cases) {
    it(`${chain} ${rule}: ${String(owner)}`, () => {
      assert.equal(ownerOf(chain, rule), owner);
    });
  }
});
