import { IPv4CidrRange, IPv6CidrRange } from 'ip-num';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { ruleWords } from '../../cni/rules/ours.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';
import { type Packet } from './packet.ts';

type Owner = Packet['owner'];
type Hook = Packet['hook'];

/**
 * Every packet that the rules can tell from another: each constant that stands in them, and for each kind of
 * constant one value that does not.
 */
export function* universe(family: Family, ...rulesets: readonly SavedTables[]): Generator<Packet> {
  const words = rulesets
    .flatMap((tables) => tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules)))
    .map(ruleWords);
  const values = (...options: string[]): string[] =>
    words.flatMap((rule) =>
      rule.filter((_, index) => options.includes(rule[index - 1] ?? '')).flatMap(listed),
    );

  const sources = addresses(family, values('-s'));
  const destinations = addresses(family, values('-d'));
  const devices = distinct(['lo', 'eth0', ...values('-i', '-o')]);
  const marked = words.some((rule) => rule.includes('mark'));
  const owned = [...owners(values('--uid-owner'), values('--gid-owner'))];
  const transports = [
    ...transportsOf(ports(values('--dport', '--dports')), ports(values('--sport'))),
  ];
  const tracked = words.some((rule) => rule.includes('--ctstate'));

  for (const hook of ['PREROUTING', 'OUTPUT'] as const)
    for (const device of devices)
      for (const transport of transports)
        for (const src of device === 'lo' ? sources : sources.slice(0, 1))
          for (const dst of destinations)
            for (const owner of hook === 'OUTPUT' ? owned : [undefined])
              // Only TCP is marked.
              for (const state of states(hook, {
                marked: marked && transport.proto === 'tcp',
                tracked,
              }))
                yield { hook, device, ...transport, src, dst, owner, ...state };
}

function listed(value: string): string[] {
  return value.split(',');
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** An address that is nobody's first, then the last of each range: a range nested in another rarely ends with it. */
function addresses(family: Family, ranges: readonly string[]): string[] {
  const members = ranges.map((range) => lastAddress(family, range));
  return distinct([family === 'ipv4' ? '198.51.100.1' : '2a00::1', ...members]);
}

export function lastAddress(family: Family, range: string): string {
  const cidr = family === 'ipv4' ? IPv4CidrRange.fromCidr(range) : IPv6CidrRange.fromCidr(range);
  return cidr.getLast().toString();
}

function ports(ranges: readonly string[]): number[] {
  return distinct([40000, ...ranges.map((range) => Number(range.split(':').at(-1)))]);
}

type Transport = Pick<Packet, 'proto' | 'sport' | 'dport'>;

function* transportsOf(dports: readonly number[], sports: readonly number[]): Generator<Transport> {
  yield { proto: 'icmp', sport: 0, dport: 0 };
  for (const dport of dports) {
    yield { proto: 'tcp', sport: 40000, dport };
    for (const sport of sports) yield { proto: 'udp', sport, dport };
  }
}

function* owners(uids: readonly string[], gids: readonly string[]): Generator<Owner> {
  yield undefined;
  for (const uid of distinct([1000, ...uids.map(Number)]))
    for (const gid of distinct([1000, ...gids.map(Number)])) yield { uid, gid };
}

type State = Pick<Packet, 'mark' | 'connmark' | 'ctstate'>;

function states(hook: Hook, { marked, tracked }: { marked: boolean; tracked: boolean }): State[] {
  const marks = marked ? [0, 0x539, 0x53a] : [0];
  const connmarks = marked && hook === 'OUTPUT' ? [0, 0x539] : [0];
  const ctstates =
    tracked && hook === 'PREROUTING'
      ? (['NEW', 'ESTABLISHED', 'INVALID'] as const)
      : (['NEW'] as const);
  return marks.flatMap((mark) =>
    connmarks.flatMap((connmark) => ctstates.map((ctstate) => ({ mark, connmark, ctstate }))),
  );
}
