import { type Family } from '../../cni/redirect/cidrs.ts';
import { columns } from '../columns.ts';
import { ExitCode } from '../command.ts';
import { type Style } from '../style.ts';
import { type Leg } from './journey.ts';
import { type Packet, renderEndpoint } from './packet.ts';
import { type Verdict } from './verdict.ts';
import { type Step } from './walk.ts';

/** One packet's way. */
export interface Trace {
  readonly subject: string;
  readonly from: 'live' | 'wanted';
  readonly family: Family;
  readonly packet: Packet;
  readonly verdict: Verdict;
  readonly legs: readonly Leg[];
}

/** A packet's way as a person reads it. */
export function renderTrace({ subject, from, packet, verdict, legs }: Trace, style: Style): string {
  const { exitCode, sentence } = verdict;
  const paint = painter(exitCode, style);
  return [
    `${style.bold(subject)}, by the ${from} rules: ${paint(sentence)}\n`,
    style.dim(`  ${packetWords(packet)}\n`),
    ...legs.map((leg) => renderLeg(leg, style)),
  ].join('');
}

function painter(exitCode: ExitCode, { good, bad, odd }: Style): (text: string) => string {
  if (exitCode === ExitCode.fine) return good;
  return exitCode === ExitCode.unknown ? odd : bad;
}

function packetWords(packet: Packet): string {
  const { hook, proto, src, sport, dst, dport, owner, ctstate, mark } = packet;
  return [
    `${proto} ${renderEndpoint(src, sport)} -> ${renderEndpoint(dst, dport)}`,
    hook === 'OUTPUT' ? `out by ${packet.device}` : `in by ${packet.device}`,
    ...(owner ? [`uid ${owner.uid} gid ${owner.gid}`] : []),
    ctstate,
    ...(mark === 0 ? [] : [`mark 0x${mark.toString(16)}`]),
  ].join(', ');
}

function renderLeg({ hook, device, steps, fate }: Leg, style: Style): string {
  const rows = steps.map((step) => stepRow(step, style));
  const outcome = fate.verdict === 'ACCEPT' ? 'goes on' : fate.verdict;
  const nothing = steps.length === 0 ? ': no rule' : '';
  return `\n${style.bold(hook)} ${device}${nothing}\n${columns([...rows, [`  => ${outcome}`]])}`;
}

function stepRow({ table, chain, position, rule, outcome, because }: Step, style: Style): string[] {
  const text = rule.replace(/-m comment --comment (?:"[^"]*"|\S+) /, '');
  const where = `  ${table} ${chain} ${position}`;
  switch (outcome) {
    case 'matched':
      return [where, style.good('matched'), text];
    case 'not matched':
      return [style.dim(where), style.dim('no'), style.dim(`${text}   (not: ${because ?? ''})`)];
    case 'could not tell':
      return [where, style.odd('?'), `${text}   (not understood: ${because ?? ''})`];
  }
}
