import { ruleWords } from '../../cni/rules/ours.ts';
import { type Holds, MODULES, OPTIONS } from './condition.ts';
import { type Contains } from './contains.ts';
import { hasConnection, type Passing } from './packet.ts';

/** One condition of a rule: `! --dport 53` */
export interface Condition {
  readonly text: string;
  readonly holds: Holds;
}

export interface Target {
  readonly name: string;
  readonly args: readonly string[];
  /** By `-g`: what comes back from there goes on behind the jump that led here. */
  readonly isGoto: boolean;
}

export interface WalkedRule {
  readonly conditions: readonly Condition[];
  /** The first thing in it that we do not know; what stands behind was not looked at. */
  readonly unknown: string | undefined;
  /** Undefined if the rule only counts. */
  readonly target: Target | undefined;
}

/** Parses a rule as `iptables-save` prints it behind `-A <chain> `. */
export function parseRule(text: string, contains: Contains): WalkedRule {
  const words = ruleWords(text);
  const conditions: Condition[] = [];
  let module = '';
  for (let at = 0; at < words.length; at += 2) {
    const inverted = words[at] === '!';
    if (inverted) at += 1;
    const [option = '', value = ''] = words.slice(at, at + 2);
    if (option === '-j' || option === '-g') {
      const target = { name: value, args: words.slice(at + 2), isGoto: option === '-g' };
      return { conditions, unknown: undefined, target };
    }
    if (option === '--comment') continue;
    if (option === '-m' && MODULES.includes(value)) module = value;
    else {
      const holds = knownOption(option)?.(value, module, contains);
      if (!holds) return { conditions, unknown: `${option} ${value}`.trim(), target: undefined };
      const condition = { text: `${option} ${value}`, holds };
      conditions.push(inverted ? inversion(condition, module) : condition);
    }
  }
  return { conditions, unknown: undefined, target: undefined };
}

function knownOption(name: string): (typeof OPTIONS)[string] | undefined {
  return Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
}

/** A packet without a connection has no mark that could differ, says the kernel. */
function inversion({ text, holds }: Condition, module: string): Condition {
  const isOfConnection = module === 'connmark';
  return {
    text: `! ${text}`,
    holds: (passing) => !holds(passing) && (!isOfConnection || hasConnection(passing)),
  };
}

/** Why a rule does not match, if it does not. Of a rule that we know in part only, the other parts may tell. */
export function mismatch({ conditions }: WalkedRule, passing: Passing): Condition | undefined {
  return conditions.find(({ holds }) => !holds(passing));
}
