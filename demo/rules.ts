import { type Netns } from '../test/support/netns.ts';
import { run } from '../test/support/process.ts';

/** Both backends: whatever is there is shown, whoever made it. */
const saves = {
  ipv4: ['iptables-nft-save', 'iptables-legacy-save'],
  ipv6: ['ip6tables-nft-save', 'ip6tables-legacy-save'],
} as const;

/** What the kernel holds in a netns, as `iptables-save` tells it: `""` if there is no rule at all. */
export async function readRules(netns: Netns, family: keyof typeof saves): Promise<string> {
  const texts: string[] = [];
  for (const command of saves[family]) texts.push(await run({ netns }, [command]));
  return texts.filter((text) => text.includes('\n-A ')).join('');
}

/** Renders saved rules by table and chain, each with its comment in front. */
export function renderRules(saved: string): string {
  const lines: string[] = [];
  let chain = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) lines.push(`  ${line.slice(1)}`);
    const [, name = '', text = ''] = /^-A (\S+) (.*)$/.exec(line) ?? [];
    if (name === '') continue;
    if (name !== chain) lines.push(`    ${name}`);
    chain = name;
    const [match = '', comment = ''] = /-m comment --comment "?([^"]*?)"? (?=-|$)/.exec(text) ?? [];
    const rule = text.replace(match, '');
    lines.push(...wrap(`      ${comment.padEnd(34)} ${rule}`));
  }
  return `${lines.join('\n')}\n`;
}

/** Breaks a line that is too wide before a match or the jump: `! -d ::1/128`, `-m owner …`, `-j …`. */
function wrap(line: string): string[] {
  if (line.length <= 120) return [line];
  const [head = line] = /^.{42,120}(?<! !)(?= (?:! )?-\w )/.exec(line) ?? [];
  return [head, `${' '.repeat(43)}${line.slice(head.length + 1)}`];
}
