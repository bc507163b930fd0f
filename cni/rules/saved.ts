/** What the kernel holds in one family, as it was listed: foreign tables, chains and rules too. */
export type SavedTables = readonly SavedTable[];

export interface SavedTable {
  readonly name: string;
  readonly chains: readonly SavedChain[];
}

export interface SavedChain {
  readonly name: string;
  /** As printed behind `-A <chain> `; `-D <chain> ` takes them back as they are. */
  readonly rules: readonly string[];
}

/**
 * Parses what `iptables-save` prints, with or without counters.
 *
 * @throws {SyntaxError} on a line that it cannot have printed
 */
export function parseSaved(text: string): SavedTables {
  const tables: TableLines[] = [];
  for (const line of lines(text)) {
    if (line.startsWith('#') || line === 'COMMIT') continue;
    const [, table] = /^\*(\w+)$/.exec(line) ?? [];
    if (table === undefined) addLine(tables.at(-1), line);
    else tables.push({ name: table, chains: new Map() });
  }
  return tables.map(savedTable);
}

/**
 * Parses the listings that `-S` prints for the given tables, one behind the other without their names.
 *
 * @throws {SyntaxError} on a line that `-S` cannot have printed
 */
export function parseListing(text: string, tables: readonly string[]): SavedTables {
  const listed: TableLines[] = [];
  let inPolicies = false;
  for (const line of lines(text)) {
    const [, policyOf] = /^-P (\S+)/.exec(line) ?? [];
    if (policyOf !== undefined && (!inPolicies || listed.at(-1)?.chains.has(policyOf))) {
      const name = tables[listed.length];
      if (name === undefined) throw new SyntaxError('cannot parse listing: it has too many tables');
      listed.push({ name, chains: new Map() });
    }
    addLine(listed.at(-1), line);
    inPolicies = policyOf !== undefined;
  }
  return listed.map(savedTable);
}

interface TableLines {
  readonly name: string;
  readonly chains: Map<string, string[]>;
}

function savedTable({ name, chains }: TableLines): SavedTable {
  return { name, chains: [...chains].map(([chain, rules]) => ({ name: chain, rules })) };
}

/** A quoted comment may hold a line feed. */
function lines(text: string): string[] {
  return (text.match(/(?:"(?:\\.|[^"\\])*"|[^"\n])+/gs) ?? []).filter((line) => line.trim() !== '');
}

function addLine(table: TableLines | undefined, line: string): void {
  const [, chain] = /^(?::|-P |-N )(\S+)/.exec(line) ?? [];
  const [, from, rule] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/s.exec(line) ?? [];
  const name = chain ?? from;
  if (!table || name === undefined) {
    throw new SyntaxError(`cannot parse saved rules: line "${line}"`);
  }
  const rules = table.chains.get(name) ?? [];
  if (rule !== undefined) rules.push(rule);
  table.chains.set(name, rules);
}
