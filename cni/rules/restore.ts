import { LISTED_TABLES } from './listing.ts';
import { isOurChain, ourRules, tableHasOurs } from './ours.ts';
import { ruleText, type Ruleset, type Table } from './rule.ts';
import { type SavedTable, type SavedTables } from './saved.ts';
import { isBuiltIn } from './table.ts';

/**
 * Input for `iptables-restore --noflush` that puts the rules into a netns that holds none of ours, and lists them.
 *
 * Fails with "Chain already exists" otherwise: so it is noticed without a process that looks first.
 */
export function renderApply(ruleset: Ruleset): string {
  const tables = ruleset.tables.map((table) =>
    transaction(table.name, [
      ...ownChains(table).map(({ name }) => `-N ${name}`),
      ...ruleLines(table),
    ]),
  );
  return tables.join('') + listing();
}

/** Input that turns whatever was found into the rules, one transaction per table, and lists them. */
export function renderReplace(ruleset: Ruleset, found: SavedTables): string {
  const wanted = ruleset.tables.map((table) => {
    const old = found.find(({ name }) => name === table.name) ?? { name: table.name, chains: [] };
    const chains = ownChains(table).map(({ name }) => name);
    return transaction(table.name, [
      ...deletions(old),
      // Creates a chain or empties it.
      ...chains.map((name) => `:${name} - [0:0]`),
      ...removals(old, chains),
      ...ruleLines(table),
    ]);
  });
  const stale = found.filter(({ name }) => !ruleset.tables.some((table) => table.name === name));
  return [...wanted, renderRemove(stale), listing()].join('');
}

/** Input that takes away all that is ours; empty if nothing is. */
export function renderRemove(found: SavedTables): string {
  return found
    .filter(tableHasOurs)
    .map((table) => transaction(table.name, [...deletions(table), ...removals(table, [])]))
    .join('');
}

function transaction(table: string, lines: readonly string[]): string {
  return [`*${table}`, ...lines, 'COMMIT\n'].join('\n');
}

function ownChains({ chains }: Table): Table['chains'] {
  return chains.filter(({ name }) => !isBuiltIn(name));
}

function ruleLines({ chains }: Table): string[] {
  return chains.flatMap(({ name, rules }) =>
    rules.map((rule, index) =>
      isBuiltIn(name)
        ? `-I ${name} ${index + 1} ${ruleText(rule)}`
        : `-A ${name} ${ruleText(rule)}`,
    ),
  );
}

/** Our rules in chains that are not ours. */
function deletions({ chains }: SavedTable): string[] {
  return chains
    .filter(({ name }) => !isOurChain(name))
    .flatMap((chain) => ourRules(chain).map((rule) => `-D ${chain.name} ${rule}`));
}

/** Our chains but the kept ones: all are emptied first, since a chain that another jumps to cannot be removed. */
function removals({ chains }: SavedTable, kept: readonly string[]): string[] {
  const stale = chains
    .map(({ name }) => name)
    .filter((name) => isOurChain(name) && !kept.includes(name));
  return [...stale.map((name) => `-F ${name}`), ...stale.map((name) => `-X ${name}`)];
}

/** The same process reads back what the kernel holds, also in tables that the plan does not need. */
function listing(): string {
  return LISTED_TABLES.map((name) => transaction(name, ['-S'])).join('');
}
