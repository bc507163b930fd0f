export type SidecarMode = 'REDIRECT' | 'TPROXY';

/**
 * HAProxy's configuration as a sidecar. Each connection is one line on stdout when it ends. Where
 * HAProxy cannot find out the original destination by itself, it listens on a Unix socket in
 * `directory` for the front that can.
 */
export function renderHaproxyConfig(directory: string, mode: SidecarMode): string {
  const inbound6 = `unix@${directory}/inbound.sock accept-proxy`;
  const binds = {
    REDIRECT: ['0.0.0.0:15006', inbound6],
    TPROXY: ['0.0.0.0:15006 transparent', ':::15006 v6only transparent'],
  } as const;
  const [inboundIpv4, inboundIpv6] = binds[mode];
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
  bind 0.0.0.0:15001
  bind unix@${directory}/outbound.sock accept-proxy
  log-format "outbound %ci %cp %[dst] %[dst_port]"
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
backend inbound4
  source 127.0.0.6
  server original 0.0.0.0:0
backend inbound6
  source [::6]
  server original 0.0.0.0:0
`;
}
