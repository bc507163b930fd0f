import { custom } from './cases/custom.ts';
import { dns } from './cases/dns.ts';
import { inbound } from './cases/inbound.ts';
import { outbound } from './cases/outbound.ts';
import { owners } from './cases/owners.ts';
import { onlyRedirect, sidecar } from './cases/sidecar.ts';
import { takeTrips } from './cases/take.ts';
import { virtual } from './cases/virtual.ts';

const otherSidecar = { id: 1500, outboundPort: 16001, inboundPort: 16006 };

for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
  describe(`traffic with REDIRECT by ${backend}`, () => {
    const groups = { sidecar, onlyRedirect, inbound, outbound, owners, virtual, dns };
    takeTrips(groups, { mode: 'REDIRECT', backend });
  });

  describe(`traffic with REDIRECT by ${backend} to a sidecar with other IDs and ports`, () => {
    takeTrips({ custom }, { mode: 'REDIRECT', backend, ...otherSidecar });
  });

  // What goes out is captured by the same rules in both modes. What comes in from a virtual machine is not, as in
  // Istio: with TPROXY the inbound listener takes it before it can count as going out.
  describe(`traffic with TPROXY by ${backend}`, () => {
    takeTrips({ sidecar, inbound }, { mode: 'TPROXY', backend });
  });
}
