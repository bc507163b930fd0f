import { custom, customGroup } from './cases/custom.ts';
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

  // Not `virtual`, as in Istio: with TPROXY, the inbound listener takes what comes in from a virtual machine before it
  // can count as going out.
  describe(`traffic with TPROXY by ${backend}`, () => {
    takeTrips({ sidecar, inbound, outbound, owners, dns }, { mode: 'TPROXY', backend });
  });

  describe(`traffic with TPROXY by ${backend} to a sidecar with another group and other ports`, () => {
    takeTrips({ customGroup }, { mode: 'TPROXY', backend, ...otherSidecar, id: 1501 });
  });
}
