import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inside } from '../../agent/census/look/inside.ts';
import { trackedConnections } from '../../agent/repair/connections/conntrack.ts';
import { type Probe, type Sender } from '../probe/probes.ts';
import { type Packet } from '../trace/packet.ts';
import {
  addressBytes,
  answerOf,
  canSendAs,
  dial,
  type Dialled,
  send,
  type Sockets,
} from './sockets.ts';

/** Where a packet went: the port that answers it, as connection tracking in the pod's netns knows. */
export type Observed =
  | { readonly went: 'to'; readonly port: number }
  /** Connection tracking has not seen it: dropped, or there are no rules that would make it look. */
  | { readonly went: 'untracked' }
  /** TPROXY changes no address: what tells is how a port that nobody has is answered. */
  | { readonly went: 'accepted' | 'refused' }
  /** It did not even leave. */
  | { readonly went: 'nowhere'; readonly why: string }
  /** It was not even sent: who we are may not pass for its sender. */
  | { readonly went: 'unsent'; readonly why: string };

/** File descriptors of netns: where packets come from, the pod's, and the one to come back to. */
export interface Places {
  readonly from: number;
  readonly pod: number;
  readonly home: number;
}

const NO_WAY = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];
/** Within a netns, a packet has arrived when it was sent; from another, it arrives a moment later. */
const LOOKS = { within: 3, between: 20 };
const LOOK_MS = 25;

export interface Observing {
  readonly sender: Sender;
  readonly places: Places;
  /** What comes in by TPROXY keeps its address: only an answer tells. */
  readonly isTransparent: boolean;
}

/** Sends a real packet and looks where it went. @throws {Error} */
export async function observe(
  sockets: Sockets,
  { aim, packet }: Probe,
  { sender, places, isTransparent }: Observing,
): Promise<Observed> {
  const { from, pod, home } = places;
  if (!isTransparent && !canSendAs(sockets, sender)) {
    const why = `to send as user ${sender.uid} takes the capabilities SETUID and SETGID`;
    return { went: 'unsent', why };
  }
  const visit = { netns: from, home };
  const dialled = inside(sockets.libc, visit, () =>
    isTransparent ? dial(sockets, packet) : send(sockets, packet, sender),
  );
  try {
    if (dialled.refusal !== undefined && NO_WAY.includes(dialled.refusal)) {
      return { went: 'nowhere', why: dialled.refusal };
    }
    const most = LOOKS[aim === 'inbound' ? 'between' : 'within'];
    for (let looks = 0; looks < most; looks += 1) {
      const port = inside(sockets.libc, { netns: pod, home }, () =>
        answering(sockets, packet, dialled),
      );
      if (port !== undefined && !isTransparent) return { went: 'to', port };
      const answer = isTransparent ? answerOf(sockets, packet, dialled) : undefined;
      if (answer) return { went: answer };
      await sleep(LOOK_MS);
    }
    return { went: 'untracked' };
  } finally {
    closeSync(dialled.fd);
  }
}

function answering(
  { libc }: Sockets,
  { proto, dst, dport }: Packet,
  { sport }: Dialled,
): number | undefined {
  const address = addressBytes(dst).toString('hex');
  const entry = trackedConnections(libc, proto === 'udp' ? 'udp' : 'tcp').find(
    ({ original }) =>
      original.source.port === sport &&
      original.destination.port === dport &&
      original.destination.address === address,
  );
  return entry?.reply.source.port;
}
