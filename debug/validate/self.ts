import { networkInterfaces } from 'node:os';
import { type Sender } from '../probe/probes.ts';
import { type Addresses } from '../trace/arguments.ts';

/** The process as the rules see it, and the pod that it is in. */
export interface Self extends Sender {
  /** Those by which packets could come or go; where there is none, nothing can leak. */
  readonly addresses: Addresses;
}

export function readSelf(): Self {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outward = (family: 'IPv4' | 'IPv6'): string[] =>
    all
      .filter((one) => one.family === family && !one.internal && !one.address.startsWith('fe80:'))
      .map(({ address }) => address);
  return {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    addresses: { ipv4: outward('IPv4'), ipv6: outward('IPv6') },
  };
}
