import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { ExitCode } from '../command.ts';
import { type End } from './journey.ts';
import { type Packet } from './packet.ts';

export type Proxy = Pick<RedirectPlan, 'proxyUid' | 'proxyGid' | 'outboundPort' | 'inboundPort'>;

export interface Verdict {
  readonly kind: End['kind'] | 'loops';
  readonly sentence: string;
  readonly exitCode: ExitCode;
}

const DNS_PORT = 15_053;

/** What becomes of a packet, in one sentence. @param proxy undefined where nobody knows of a sidecar */
export function verdictOf(end: End, packet: Packet, proxy: Proxy | undefined): Verdict {
  const { kind } = end;
  switch (end.kind) {
    case 'redirected':
      if (isSentToItself(end.port, packet, proxy)) {
        const sentence = `would loop: the sidecar's own packet is redirected to its own listener, port ${end.port}`;
        return { kind: 'loops', sentence, exitCode: ExitCode.problem };
      }
      return fine(kind, `redirected to ${end.port}${listener(end.port, proxy)}`);
    case 'delivered':
      return fine(
        kind,
        `delivered to whoever listens on port ${end.port} of the pod, not redirected`,
      );
    case 'leaves':
      return fine(kind, `leaves by ${end.device} to where it wants to go, not redirected`);
    case 'dropped': {
      const sentence = `dropped${end.isAnswered ? ', which the sender is told,' : ''} by ${end.by}`;
      return { kind, sentence, exitCode: ExitCode.problem };
    }
    case 'unknown':
      return { kind, sentence: `could not tell: ${end.why}`, exitCode: ExitCode.unknown };
  }
}

function fine(kind: End['kind'], sentence: string): Verdict {
  return { kind, sentence, exitCode: ExitCode.fine };
}

function isSentToItself(port: number, { owner }: Packet, proxy: Proxy | undefined): boolean {
  if (!proxy || !owner || (port !== proxy.outboundPort && port !== DNS_PORT)) return false;
  return owner.uid === proxy.proxyUid || owner.gid === proxy.proxyGid;
}

function listener(port: number, proxy: Proxy | undefined): string {
  if (port === proxy?.outboundPort) return " (the sidecar's outbound listener)";
  if (port === proxy?.inboundPort) return " (the sidecar's inbound listener)";
  return port === DNS_PORT ? " (the sidecar's DNS listener)" : '';
}
