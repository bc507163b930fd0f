import { type SavedChain, type SavedTable, type SavedTables } from './saved.ts';

/** The rule's words; a quoted one counts as one, without its quotes. */
export function ruleWords(rule: string): string[] {
  return [...rule.matchAll(/"((?:\\.|[^"\\])*)"|([^\s"]+)/gs)].map(
    ([, quoted, plain]) => quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '',
  );
}

/** Where a rule sends a packet: a verdict, a target or a chain; undefined if it only counts. */
export function targetOf(rule: string): string | undefined {
  return after(rule, '-j') ?? after(rule, '-g');
}

function after(rule: string, option: string): string | undefined {
  const words = ruleWords(rule);
  const at = words.findLastIndex((word) => word === option);
  return at === -1 ? undefined : words[at + 1];
}

/** A chain of ours, of an older version's or of an `istio-init`'s. */
export function isOurChain(name: string): boolean {
  return name.startsWith('ISTIO_');
}

/** Whether a rule in a chain that is not ours is. An `istio-init` leaves no comments, but its jumps tell. */
export function isOurRule(rule: string): boolean {
  return (
    isOurChain(targetOf(rule) ?? '') || after(rule, '--comment')?.startsWith('sluice:') === true
  );
}

export function ourRules({ name, rules }: SavedChain): string[] {
  return isOurChain(name) ? [...rules] : rules.filter(isOurRule);
}

export function tableHasOurs({ chains }: SavedTable): boolean {
  return chains.some((chain) => isOurChain(chain.name) || ourRules(chain).length > 0);
}

export function hasOurs(found: SavedTables): boolean {
  return found.some(tableHasOurs);
}

export interface ForeignRule {
  readonly table: string;
  readonly chain: string;
  /** From 1, as `iptables -L --line-numbers` counts. */
  readonly position: number;
  readonly text: string;
}

/** Rules of others that packets meet beside ours. */
export function foreignRules(found: SavedTables): ForeignRule[] {
  return found.flatMap(({ name: table, chains }) =>
    chains
      .filter(({ name }) => !isOurChain(name))
      .flatMap(({ name: chain, rules }) =>
        rules
          .map((text, index) => ({ table, chain, position: index + 1, text }))
          .filter(({ text }) => !isOurRule(text)),
      ),
  );
}
