import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { type Emission, type Names } from './emission.ts';

export function transparent({ proxyUid, proxyGid }: RedirectPlan, { lo, pass }: Names): Emission[] {
  const ownService = (owner: string): Emission =>
    `mangle OUTPUT ! -d ${lo} -p tcp -o lo -m owner ${owner} -j MARK --set-mark 1338`;
  return [
    'mangle PREROUTING -p tcp -m mark --mark 1337 -j CONNMARK --save-mark',
    'mangle OUTPUT -p tcp -o lo -m mark --mark 1337 -j RETURN',
    ownService(`--uid-owner ${proxyUid}`),
    ownService(`--gid-owner ${proxyGid}`),
    'mangle OUTPUT -p tcp -m connmark --mark 1337 -j CONNMARK --restore-mark',
    'mangle ISTIO_INBOUND 1 -p tcp -m mark --mark 1337 -j RETURN',
    `mangle ISTIO_INBOUND 2 -p tcp -s ${pass} -i lo -j RETURN`,
    'mangle ISTIO_INBOUND 3 -p tcp -i lo -m mark ! --mark 1338 -j RETURN',
  ];
}
