import { ruleWords, targetOf } from './ours.ts';
import { type SavedTable } from './saved.ts';

/** Targets behind which a packet goes on to the next rule. CT and NOTRACK are not here: the first of them decides. */
const PASSING = new Set(
  'AUDIT CHECKSUM CLASSIFY CONNMARK CONNSECMARK DSCP ECN HL HMARK IDLETIMER LED LOG MARK NFLOG RATEEST SECMARK SET TCPMSS TCPOPTSTRIP TEE TOS TRACE TTL ULOG'.split(
    ' ',
  ),
);

/** Whether a packet that matches the rule, which stands in a built-in chain, may not reach the rules behind it. */
export function takesTraffic(rule: string, table: SavedTable): boolean {
  // A chain entered by goto does not return to the built-in one.
  return ruleWords(rule).includes('-g') || targetOf(rule) === 'RETURN' || decides(rule, table, []);
}

function decides(rule: string, table: SavedTable, within: readonly string[]): boolean {
  const target = targetOf(rule);
  if (target === undefined || target === 'RETURN' || PASSING.has(target)) return false;
  const chain = table.chains.find(({ name }) => name === target);
  if (!chain) return true;
  return (
    !within.includes(target) &&
    chain.rules.some((inner) => decides(inner, table, [...within, target]))
  );
}

/** Whether a packet that matches the rule may go on untracked: no rule of the nat table ever sees it then. */
export function untracks(rule: string, table: SavedTable, within: readonly string[] = []): boolean {
  const target = targetOf(rule);
  if (target === undefined || within.includes(target)) return false;
  if (target === 'NOTRACK' || (target === 'CT' && ruleWords(rule).includes('--notrack')))
    return true;
  const chain = table.chains.find(({ name }) => name === target);
  return chain?.rules.some((inner) => untracks(inner, table, [...within, target])) ?? false;
}
