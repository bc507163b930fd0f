export type SidecarMode = 'REDIRECT' | 'TPROXY';

export interface HaproxyOptions {
  readonly mode: SidecarMode;
  readonly outboundPort: number;
  readonly inboundPort: number;
  /** Addresses of Services, each with the endpoint that stands behind it: `10.0.0.1`, `[fd00::1]`. */
  readonly services: Readonly<Record<string, string>>;
}

/**
 * HAProxy's configuration as a sidecar. Each connection is one line on stdout when it ends. Where
 * HAProxy cannot find out the original destination by itself, it listens on a Unix socket in
 * `directory` for the front that can.
 */
export function renderHaproxyConfig(
  directory: string,
  { mode, outboundPort, inboundPort, services }: HaproxyOptions,
): string {
  const inbound6 = `unix@${directory}/inbound.sock accept-proxy`;
  const binds = {
    REDIRECT: [`0.0.0.0:${inboundPort}`, inbound6],
    TPROXY: [`0.0.0.0:${inboundPort} transparent`, `:::${inboundPort} v6only transparent`],
  } as const;
  const [inboundIpv4, inboundIpv6] = binds[mode];
  const pairs = Object.entries(services);
  return `
global
  log stdout format raw local0
defaults
  mode tcp
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  log global
frontend outbound
  bind 0.0.0.0:${outboundPort}
  bind unix@${directory}/outbound.sock mode 666 accept-proxy
  log-format "outbound %ci %cp %[dst] %[dst_port]"
${pairs.map(([address], i) => `  use_backend service${i} if { dst ${address} }\n`).join('')}\
  default_backend outbound
frontend inbound4
  bind ${inboundIpv4}
  log-format "inbound %ci %cp %[dst] %[dst_port]"
  default_backend inbound4
frontend inbound6
  bind ${inboundIpv6}
  log-format "inbound %ci %cp %[dst] %[dst_port]"
  default_backend inbound6
backend outbound
  server original 0.0.0.0:0
${pairs.map(([, endpoint], i) => `backend service${i}\n  server endpoint ${endpoint}\n`).join('')}\
backend inbound4
  source 127.0.0.6
  server original 0.0.0.0:0
backend inbound6
  source [::6]
  server original 0.0.0.0:0
`;
}
