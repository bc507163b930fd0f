import { type Family } from '../../../../cni/redirect/cidrs.ts';
import { type Backend, programOf } from '../../../../cni/kernel/tools.ts';
import { type Daemon } from '../../../support/process.ts';
import { inNetns } from '../../../support/scratch.ts';
import { type Packet } from '../../../../debug/trace/packet.ts';
import { type Sent } from './packets.ts';
import { OURS } from './rules.ts';
import { type Site } from './site.ts';

/** By the packet's source port: `pod 15001`, `peer 80`; what does not arrive is not in it. */
export type Arrivals = ReadonlyMap<number, string>;

export interface Program {
  readonly backend: Backend;
  readonly family: Family;
}

export async function restore(
  site: Site,
  { backend, family }: Program,
  text: string,
): Promise<string> {
  await inNetns(site.pod, [programOf(backend, family, 'restore')], text);
  return withoutOurs(await inNetns(site.pod, [programOf(backend, family, 'save')]));
}

/** How many packets each rule has matched: `raw OUTPUT 2` → 3; rules that none has are not in it. */
export async function counters(
  site: Site,
  { backend, family }: Program,
): Promise<Map<string, number>> {
  const saved = withoutOurs(await inNetns(site.pod, [programOf(backend, family, 'save'), '-c']));
  const counts = new Map<string, number>();
  const positions = new Map<string, number>();
  let table = '';
  for (const line of saved.split('\n')) {
    table = /^\*(\w+)/.exec(line)?.[1] ?? table;
    const [, count = '', chain] = /^\[(\d+):\d+\] -A (\S+)/.exec(line) ?? [];
    if (chain === undefined) continue;
    const where = `${table} ${chain}`;
    const position = (positions.get(where) ?? 0) + 1;
    positions.set(where, position);
    if (count !== '0') counts.set(`${where} ${position}`, Number(count));
  }
  return counts;
}

function withoutOurs(saved: string): string {
  return saved
    .split('\n')
    .filter((line) => !line.includes(`--comment ${OURS}`))
    .join('\n');
}

const lastPorts = { low: 20_000, high: 32_000 };

/** Gives a packet a source port that none had before. */
export function named({ high, ...packet }: Sent): Packet {
  return { ...packet, sport: (lastPorts[high ? 'high' : 'low'] += 1) };
}

/** Sends packets and waits for what arrives. */
export async function observe(
  site: Site,
  sent: readonly Packet[],
  expected: Arrivals,
): Promise<Arrivals> {
  const { podProbe, peerProbe } = site;
  for (const packet of sent) {
    const probe = packet.hook === 'OUTPUT' ? podProbe : peerProbe;
    const { proto, owner, src, sport, dst, dport, mark } = packet;
    const { uid, gid } = owner ?? { uid: 0, gid: 0 };
    if (packet.ctstate === 'ESTABLISHED') probe.say(`again ${sport}`);
    else probe.say(['send', proto, uid, gid, src, sport, dst, dport, mark].join(' '));
  }
  await Promise.all([answered(podProbe, 'sync', 'synced'), answered(peerProbe, 'sync', 'synced')]);
  const wanted = (where: string): number =>
    [...expected.values()].filter((text) => text.startsWith(where)).length;
  const [atPod, atPeer] = await Promise.all([
    answered(podProbe, `collect ${wanted('pod')}`, 'end'),
    answered(peerProbe, `collect ${wanted('peer')}`, 'end'),
  ]);
  return new Map([...arrivals('pod', atPod), ...arrivals('peer', atPeer)]);
}

/** Begins exchanges whose later packets belong to a connection that is known. */
export async function open(site: Site, exchanges: readonly Packet[]): Promise<void> {
  for (const { hook, owner, src, sport, dst, dport } of exchanges) {
    const { uid, gid } = owner ?? { uid: 0, gid: 0 };
    const probe = hook === 'OUTPUT' ? site.podProbe : site.peerProbe;
    probe.say(['open', uid, gid, src, sport, dst, dport].join(' '));
  }
  await observe(site, [], new Map());
}

/** The lines from what is said to what is the last word of the answer. */
async function answered(probe: Daemon, said: string, last: string): Promise<string[]> {
  const from = probe.lines.length;
  probe.say(said);
  const end = await probe.line((line) => line === last && probe.lines.includes(last, from), 10_000);
  if (end === undefined) throw new Error(`cannot "${said}": no "${last}" in time`);
  return probe.lines.slice(from, probe.lines.indexOf(last, from));
}

/** `got tcp 2001 15001` */
function arrivals(where: string, lines: readonly string[]): [number, string][] {
  return lines.map((line) => {
    const [, , sport, port] = line.split(' ');
    return [Number(sport), `${where} ${String(port)}`];
  });
}
