import { type Container } from '../../../cni/redirect/pod.ts';
import { variable } from '../../../cni/redirect/said.ts';
import { type Said } from '../../../cni/redirect/settings.ts';

/**
 * The arguments of `istio-iptables` that decide about packets, short and long, and what it reads of the environment.
 *
 * @see https://github.com/istio/istio/blob/1.27.0/tools/istio-iptables/pkg/cmd/root.go
 */
const FLAGS = {
  outboundPort: ['-p', '--envoy-port'],
  inboundPort: ['-z', '--inbound-capture-port'],
  tunnelPort: ['-e', '--inbound-tunnel-port'],
  proxyUid: ['-u', '--proxy-uid'],
  proxyGid: ['-g', '--proxy-gid'],
  mode: ['-m', '--istio-inbound-interception-mode'],
  includeInbound: ['-b', '--istio-inbound-ports'],
  excludeInbound: ['-d', '--istio-local-exclude-ports'],
  includeCidrs: ['-i', '--istio-service-cidr'],
  excludeCidrs: ['-x', '--istio-service-exclude-cidr'],
  includePorts: ['-q', '--istio-outbound-ports'],
  excludePorts: ['-o', '--istio-local-outbound-ports-exclude'],
  excludeInterfaces: ['-c', '--istio-exclude-interfaces'],
  virtualInterfaces: ['-k', '--kube-virt-interfaces'],
} as const;
export type Flag = keyof typeof FLAGS;

/** Flags that stand alone, or with `=true`, and the variables of the same meaning. */
const SWITCHES = {
  captureDns: ['--redirect-dns', 'ISTIO_META_DNS_CAPTURE'],
  captureAllDns: ['--capture-all-dns', 'CAPTURE_ALL_DNS'],
  dropInvalid: ['--drop-invalid', 'INVALID_DROP'],
} as const;

/** What the container says with an argument: the last one counts, as `-p 15001`, `-p=15001` or `-p15001`. */
export function flagOf({ name, args }: Container, flag: Flag): Said | undefined {
  const [short, long] = FLAGS[flag];
  const texts = args.flatMap((arg, i) => {
    if (arg === short || arg === long) return [args[i + 1] ?? ''];
    if (arg.startsWith(`${long}=`)) return [arg.slice(long.length + 1)];
    const isShort = arg.startsWith(short) && !arg.startsWith('--');
    return isShort ? [arg.slice(short.length).replace(/^=/, '')] : [];
  });
  const text = texts.at(-1);
  return text === undefined
    ? undefined
    : { source: `argument ${short} of container ${name}`, text };
}

export function switchOf(container: Container, name: keyof typeof SWITCHES): Said | undefined {
  const [flag, key] = SWITCHES[name];
  const found = container.args.findLast((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (found === undefined) return variable(container, key);
  const text = found === flag ? 'true' : found.slice(flag.length + 1);
  return { source: `argument ${flag} of container ${container.name}`, text };
}
