import { decide } from '../../cni/redirect/decide.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { type Setting } from '../../cni/redirect/settings.ts';
import { ruleText, type Ruleset } from '../../cni/rules/rule.ts';
import { CniError } from '../../cni/spec/error.ts';
import { type Arguments, usageError } from '../command.ts';
import { findAccount } from './account.ts';
import { hostFacts, inOptions } from './facts.ts';

export interface HostPlan {
  readonly plan: RedirectPlan;
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
}

/** The plan that a pod of the same settings gets. @throws {CommandError} `usage`, naming every wrong option */
export async function planHost(args: Arguments): Promise<HostPlan> {
  const account = findAccount(args.text('proxy-user'), args.text('proxy-group'));
  try {
    const decision = await decide(hostFacts(args, account));
    if (decision.action === 'skip') throw usageError(`cannot redirect a host: ${decision.reason}`);
    const { plan, settings, warnings } = decision;
    const said = settings.map(({ source, ...rest }) => ({ ...rest, source: inOptions(source) }));
    return { plan, settings: said, warnings: warnings.map(inOptions) };
  } catch (error) {
    if (error instanceof CniError) throw usageError(inOptions(error.message));
    throw error;
  }
}

/** As `iptables-save` prints them, with their table in front. */
export function ruleLines({ tables }: Ruleset): string[] {
  return tables.flatMap(({ name, chains }) =>
    chains.flatMap((chain) =>
      chain.rules.map((rule) => `${name} -A ${chain.name} ${ruleText(rule)}`),
    ),
  );
}
