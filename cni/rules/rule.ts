import { type Cidr, type Family } from '../redirect/cidrs.ts';
import { type InterfaceName, type OwnerId } from '../redirect/plan.ts';
import { type Port, type PortRange } from '../redirect/ports.ts';

export type TableName = 'raw' | 'mangle' | 'nat';

/** One rule without its chain, in the words and the order in which `iptables-save` prints it. */
export interface Rule {
  /** Stands in the kernel as the comment `sluice:<id>`. */
  readonly id: string;
  /** `-p tcp -m tcp --dport 15008`; empty matches everything. */
  readonly match: string;
  /** `RETURN`, `REDIRECT --to-ports 15001` */
  readonly target: string;
}

export interface Chain {
  readonly name: string;
  /** Of a built-in chain: the rules that stand at its head, in this order. */
  readonly rules: readonly Rule[];
}

export interface Table {
  readonly name: TableName;
  readonly chains: readonly Chain[];
}

/** What the kernel is to hold in one family. */
export interface Ruleset {
  readonly family: Family;
  readonly tables: readonly Table[];
  /** TPROXY: the rule and the route that deliver marked packets locally. */
  readonly tproxyRoute: boolean;
}

/** Addresses that stand in rules without being anybody's setting. */
export type FixedAddress = '127.0.0.6/32' | '::1/128' | '::6/128' | '0.0.0.0' | '::';
type Value = Port | PortRange | OwnerId | Cidr | InterfaceName | FixedAddress;

/**
 * Builds a rule with the given id from `-p tcp -j RETURN`. Only parsed values can be interpolated, so no text from
 * a pod reaches a command.
 */
export function rule(id: string): (text: TemplateStringsArray, ...values: Value[]) => Rule {
  return (text, ...values) => {
    const words = String.raw({ raw: text }, ...values.map(valueText));
    const [match = '', target = ''] = ` ${words}`.split(' -j ', 2);
    // The kernel knows no match for "any address", so it never lists one.
    return { id, match: match.replace(/(?<!!) -d \S+\/0(?= |$)/, '').trim(), target };
  };
}

function valueText(value: Value): string {
  if (typeof value !== 'object') return String(value);
  if ('text' in value) return value.text;
  return value.first === value.last
    ? String(value.first)
    : `${String(value.first)}:${String(value.last)}`;
}

/** The rule as `iptables-save` prints it behind `-A <chain> `. */
export function ruleText({ id, match, target }: Rule): string {
  return `${match} -m comment --comment "sluice:${id}" -j ${target}`.trimStart();
}
