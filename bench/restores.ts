import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { decide } from '../cni/redirect/decide.ts';
import { parsePod } from '../cni/redirect/pod.ts';
import { renderApply } from '../cni/rules/restore.ts';
import { type Ruleset } from '../cni/rules/rule.ts';
import { rulesets } from '../cni/rules/ruleset.ts';
import { type Netns } from '../test/support/netns.ts';
import { type Command } from './command.ts';
import { pod } from './pod.ts';

const script =
  '/usr/sbin/iptables-nft-restore --noflush <"$0" & first=$!; ' +
  '/usr/sbin/ip6tables-nft-restore --noflush <"$1" && wait $first';

export interface Restores {
  /**
   * What cannot be avoided: to enter the netns, and to restore the rules of both families at once.
   */
  readonly command: (netns: Netns) => Command;
  /** How many rules these are, in both families together. */
  readonly rules: number;
}

/** @param folder where the rules are written to, so that reading them costs no pipe */
export async function createRestores(folder: string): Promise<Restores> {
  const decision = await decide(parsePod(pod));
  if (decision.action === 'skip')
    throw new Error(`cannot take "${decision.reason}" for a meshed pod`);
  const { ipv4, ipv6 } = rulesets(decision.plan, '0.0.0-bench');
  const files = [ipv4, ipv6].map((ruleset) => {
    const file = join(folder, `${ruleset.family}.rules`);
    writeFileSync(file, bare(ruleset));
    return file;
  });
  return {
    rules: [ipv4, ipv6]
      .flatMap(({ tables }) => tables)
      .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules)).length,
    command: ({ path }) => ({
      file: '/usr/bin/nsenter',
      args: [`--net=${path}`, '--', '/bin/sh', '-c', script, ...files],
      env: {},
      input: '',
    }),
  };
}

/** How many rules of ours a netns holds. */
export function countRules({ path }: Netns): number {
  const save = 'iptables-nft-save && ip6tables-nft-save';
  const { stdout } = execaSync('nsenter', [`--net=${path}`, '--', 'sh', '-c', save]);
  return stdout.split('\n').filter((line) => /--comment "?sluice:/.test(line)).length;
}

/** The plugin has the rules listed as well, to compare them: that is its choice, so it is its cost. */
function bare(ruleset: Ruleset): string {
  return renderApply(ruleset).replaceAll(/^\*\w+\n-S\nCOMMIT\n/gm, '');
}
