import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Arguments, type Command, couldNotTell, type Io, usageError } from '../command.ts';
import { type Live, type LiveFamily, readLive } from '../live/read.ts';
import { NETNS, type Subject, subjectOf } from '../live/subject.ts';
import { type Wanted } from '../live/wanted.ts';
import { type Addresses, type Asked, PACKET, parsePacket } from './arguments.ts';
import { createContains } from './contains.ts';
import { foreignJourney, foreignWords, sharedJourney } from './foreign.ts';
import { type End, type Journey, travel } from './journey.ts';
import { type Local, readLocal } from './local.ts';
import { type Packet } from './packet.ts';
import { tablesOf } from './tables.ts';
import { renderTrace, type Trace } from './text.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { createWalker, type Walker } from './walk.ts';

export const command: Command = {
  usage: '<namespace>/<pod> [--in|--out] --dst <address:port> [--proto udp] [--uid <uid>] …',
  example: 'sluice trace default/web-0 --out --dst 10.96.0.10:80 --uid 1337',
  description:
    'Walks one packet through the rules in the netns of a pod, in the order of the kernel: each rule that it comes by,\n' +
    'whether it matched, and if not, which condition did not hold; and what becomes of the packet. With --from wanted,\n' +
    'through the rules that should be there. Nothing is sent: `verify` does. What cannot be told ends with exit code 3.',
  options: {
    ...PACKET,
    from: { type: 'string', words: ['live', 'wanted'], meaning: 'which rules; live by default' },
    ...NETNS,
  },
  offers: 'pods',
  run: async (args, io) => {
    const traced = await trace(args, io);
    const { exitCode } = traced.verdict;
    return { exitCode, value: traced, text: (style) => renderTrace(traced, style) };
  },
};

async function trace(args: Arguments, io: Io): Promise<Trace> {
  // What is wrong with the packet is told before anything is looked for.
  parsePacket(args, { ipv4: [], ipv6: [] });
  const subject = await subjectOf(args, io);
  const from = args.text('from') === 'wanted' ? 'wanted' : 'live';
  const seen = from === 'live' ? await see(subject, io) : undefined;
  const asked = parsePacket(args, seen ? addressesOf(seen.live) : { ipv4: [], ipv6: [] });
  const { family, packet } = asked;
  const foreign = seen && foreignWords(asked, seen.local);
  const { legs, end } = seen
    ? travelLive(seen, asked, foreign)
    : travelWanted(subject, family, packet);
  const proxy = subject.wanted?.action === 'redirect' ? subject.wanted.plan : undefined;
  return {
    subject: subject.name,
    from,
    family,
    packet,
    verdict: withWords(verdictOf(end, packet, proxy), foreign),
    legs,
  };
}

interface Seen {
  readonly live: Live;
  readonly local: Local;
}

function see({ within }: Subject, { place }: Io): Promise<Seen> {
  return within(async (netns) => ({
    live: await readLive(netns, place),
    local: await readLocal(netns, place),
  }));
}

function addressesOf({ ipv4, ipv6 }: Live): Addresses {
  return { ipv4: ipv4.routes.globalAddresses, ipv6: ipv6.routes.globalAddresses };
}

function travelWanted({ wanted, name }: Subject, family: Family, packet: Packet): Journey {
  if (!wanted)
    throw usageError(
      'cannot tell what is wanted of a netns without a pod: leave out --from wanted',
    );
  const { tables, tproxyRoute } = rulesOf(wanted, family, name);
  return travel(createWalker(tables, createContains(family)), packet, { tproxyRoute });
}

function rulesOf(
  wanted: Wanted,
  family: Family,
  name: string,
): { tables: ReturnType<typeof tablesOf>; tproxyRoute: boolean } {
  if (wanted.action === 'skip') {
    throw couldNotTell(
      `cannot trace through the wanted rules of ${name}: it is to have none (${wanted.reason})`,
    );
  }
  return { tables: tablesOf(wanted.rules[family]), tproxyRoute: wanted.rules[family].tproxyRoute };
}

/** What was redirected all the same is told with what is odd about it. */
function withWords(verdict: Verdict, words: string | undefined): Verdict {
  if (words === undefined || verdict.kind !== 'redirected') return verdict;
  return { ...verdict, sentence: `${verdict.sentence}; ${words}` };
}

function travelLive({ live, local }: Seen, asked: Asked, foreign: string | undefined): Journey {
  const { family, packet } = asked;
  const { routes } = live[family];
  const routing = { tproxyRoute: routes.rule && routes.route };
  const travelled = travel(walkerOf(live[family], family), packet, routing);
  const journey =
    foreign === undefined
      ? sharedJourney(travelled, asked, local)
      : foreignJourney(travelled, foreign, routing);
  const why = obstacle(live, family);
  const end: End = why === undefined ? journey.end : { kind: 'unknown', why };
  return { ...journey, end };
}

function walkerOf({ backends }: LiveFamily, family: Family): Walker {
  const used = backends.find(({ tables }) => tables.some(holdsRules)) ?? backends[0];
  return createWalker(used?.tables ?? [], createContains(family), used?.policies);
}

/** Why the walk through one backend's rules is not all that happens to a packet. */
function obstacle(live: Live, family: Family): string | undefined {
  const used = live[family].backends.filter(({ tables }) => tables.some(holdsRules));
  if (used.length > 1)
    return 'iptables-nft and iptables-legacy both hold rules, and both are asked';
  const [table] = live.foreignTables;
  return table === undefined
    ? undefined
    : `nftables holds the table "${table}", which was not walked`;
}

function holdsRules({
  chains,
}: {
  readonly chains: readonly { readonly rules: readonly string[] }[];
}): boolean {
  return chains.some(({ rules }) => rules.length > 0);
}
