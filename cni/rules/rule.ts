import { type Family } from '../redirect/cidrs.ts';

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
