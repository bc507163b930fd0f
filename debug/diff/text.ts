import { columns } from '../columns.ts';
import { type Style } from '../style.ts';
import { type FamilyDiff } from './differences.ts';
import { type Line } from './lines.ts';

export interface Diff {
  readonly pods: readonly PodDiff[];
}

export interface PodDiff {
  readonly subject: string;
  readonly verdict: 'as wanted' | 'different' | 'could not tell';
  readonly wanted?: 'redirected' | 'left alone';
  /** Why it is left alone, or why it cannot be told. */
  readonly why?: string;
  readonly families: readonly FamilyDiff[];
  /** Of nftables itself: packets may meet them, and no iptables program lists them. */
  readonly foreignTables: readonly string[];
}

export function renderDiff({ pods }: Diff, style: Style): string {
  if (pods.length === 0) return 'this node has no pods\n';
  return pods.map((pod) => renderPod(pod, style)).join('');
}

function renderPod(pod: PodDiff, style: Style): string {
  const { subject, verdict, wanted, why, families, foreignTables } = pod;
  const paint = { 'as wanted': style.good, different: style.bad, 'could not tell': style.odd }[
    verdict
  ];
  const reason = why === undefined ? '' : ` (${why})`;
  const to = wanted === undefined ? '' : `is to be ${wanted}${reason}: `;
  const tail = wanted === undefined ? reason : '';
  const tables = foreignTables.map((table) => `  nftables holds the table "${table}" as well\n`);
  const inside = families.map((family) => renderFamily(family, style));
  return `${style.bold(subject)} ${to}${paint(verdict)}${tail}\n${inside.join('')}${tables.join('')}`;
}

function renderFamily(
  { family, backend, isWanted, lines, lacks }: FamilyDiff,
  style: Style,
): string {
  if (lines.length + lacks.length === 0) return '';
  const rows = lines.map((line) => lineRow(line, style));
  const missing = lacks.map((lack) => [`  ${style.bad('-')}`, '', lack]);
  const note = isWanted ? '' : ' (is to hold nothing of ours)';
  return `${style.dim(`  ${family}, ${backend}${note}`)}\n${columns([...rows, ...missing])}`;
}

function lineRow({ kind, table, chain, position, rule, owner }: Line, style: Style): string[] {
  const where = position === 0 ? `${table} ${chain}` : `${table} ${chain} ${position}`;
  const whose = owner ?? 'somebody else';
  switch (kind) {
    case 'missing':
      return [`  ${style.good('-')}`, where, `${rule}   (missing)`];
    case 'unexpected':
      return [`  ${style.bad('+')}`, where, rule === '' ? '(a chain without rules)' : rule];
    case 'foreign':
      return [`  ${style.dim('=')}`, style.dim(where), style.dim(`${rule}   (of ${whose})`)];
    case 'foreign in front':
      return [`  ${style.bad('!')}`, where, `${rule}   (takes traffic from ours; of ${whose})`];
  }
}
