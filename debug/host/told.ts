import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Setting } from '../../cni/redirect/settings.ts';
import { columns } from '../columns.ts';
import { type Style } from '../style.ts';

/** `planned`: nothing was done. `unrecorded`: rules of ours are there that `host apply` has not recorded here. */
export type HostState = 'planned' | 'redirected' | 'different' | 'gone' | 'unrecorded' | 'none';

/** What every verb of `host` tells. */
export interface HostValue {
  readonly state: HostState;
  /** In one sentence. */
  readonly summary: string;
  readonly netns: { readonly path: string; readonly inode: number };
  readonly backend: string;
  readonly families: readonly Family[];
  readonly addresses: readonly string[];
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
  /** As `iptables-save` prints them, with their table in front; of a plan alone. */
  readonly rules: Readonly<Record<Family, readonly string[]>> | undefined;
  readonly appliedAt: string | undefined;
}

export function renderHost(value: HostValue, style: Style): string {
  const { state, summary, settings, warnings, rules, families, backend } = value;
  const isBad = state === 'different' || state === 'gone' || state === 'unrecorded';
  const rows = settings.map(({ name, value: said, source }) => [
    `  ${name}`,
    said || '""',
    style.dim(source),
  ]);
  const how = families.length > 0 ? ` (${families.join(' and ')}, ${backend})` : '';
  const listed = rules
    ? Object.entries(rules).flatMap(([family, lines]) => ['', style.bold(family), ...lines])
    : [];
  return [
    `${isBad ? style.bad(summary) : summary}${how}\n`,
    columns(rows),
    ...warnings.map((warning) => `${style.odd('warning')}: ${warning}\n`),
    ...listed.map((line) => `${line}\n`),
  ].join('');
}
