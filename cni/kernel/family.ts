import { compare } from '../rules/compare.ts';
import { renderApply, renderReplace } from '../rules/restore.ts';
import { type Ruleset } from '../rules/rule.ts';
import { type SavedTables } from '../rules/saved.ts';
import { attempt, type Attempt, type FirstAttempt } from './attempt.ts';
import { type Kernel } from './kernel.ts';
import { readSaved } from './read.ts';
import { addRoutes, removeTproxyRoute, type Routes } from './routes.ts';

/** What is there of one family after programming it. */
export interface Programmed {
  /** Undefined where nothing but the rules is there. */
  readonly tables: SavedTables | undefined;
  readonly routes: Routes;
  readonly stderr: string;
}

/** IPv6 rules cannot be had, and nothing in this netns could leak past them. */
export class NoIpv6 extends Error {}

/**
 * Sees to it that one family holds exactly these rules, and what else they need.
 *
 * @param first what was tried already, if anything was
 * @throws {NoIpv6 | Error}
 */
export async function programFamily(
  kernel: Kernel,
  ruleset: Ruleset,
  first: Promise<FirstAttempt> | undefined,
): Promise<Programmed> {
  const [restored, routed] = await Promise.allSettled([
    programTables(kernel, ruleset, first),
    programRoutes(kernel, ruleset, first),
  ]);
  if (routed.status === 'rejected') throw routed.reason;
  const routes = routed.value;
  const mayLeak = ruleset.family === 'ipv4' || routes.globalAddresses.length > 0;
  try {
    if (restored.status === 'rejected') throw restored.reason;
    if (mayLeak) requireRoutes(ruleset, routes);
  } catch (cause) {
    if (mayLeak) throw cause;
    throw new NoIpv6(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  return { ...restored.value, routes };
}

async function programRoutes(
  kernel: Kernel,
  ruleset: Ruleset,
  first: Promise<FirstAttempt> | undefined,
): Promise<Routes> {
  const tried = ruleset.family === 'ipv6' ? (await first)?.routes : undefined;
  return tried ?? addRoutes(kernel, ruleset);
}

function requireRoutes({ family, tproxyRoute }: Ruleset, routes: Routes): void {
  const missing = [
    ...(routes.address ? [] : ['address ::6/128 on lo']),
    ...(!tproxyRoute || routes.rule ? [] : ['rule fwmark 1337 lookup 133']),
    ...(!tproxyRoute || routes.route ? [] : ['route local default dev lo table 133']),
  ];
  if (missing.length > 0) throw new Error(`cannot add for ${family}: ${missing.join(', ')}`);
}

/**
 * On a clean netns one process does it all: it adds chains that must not exist yet, and lists what is there
 * then. If something of ours was there, the kernel refuses, and we look, and replace in one transaction per table.
 */
async function programTables(
  kernel: Kernel,
  ruleset: Ruleset,
  first: Promise<FirstAttempt> | undefined,
): Promise<Attempt> {
  const { family } = ruleset;
  const tried = (await first)?.[family] ?? (await attempt(kernel, ruleset, renderApply(ruleset)));
  if (tried.failure === undefined) return tried;
  const found = await readSaved(kernel, family);
  if (compare(ruleset, found.tables) === undefined) return { ...tried, ...found };
  // What was there may have been for TPROXY.
  if (!ruleset.tproxyRoute) await removeTproxyRoute(kernel, family);
  const input = renderReplace(ruleset, found.tables);
  const again = await attempt(kernel, ruleset, input);
  if (again.failure === undefined) return again;
  const left = await readSaved(kernel, family);
  if (compare(ruleset, left.tables) === undefined) return { ...again, ...left };
  // A program of a killed ADD goes on without it, and may have changed something since we looked.
  const rest = renderReplace(ruleset, left.tables);
  const last = rest === input ? again : await attempt(kernel, ruleset, rest);
  if (last.failure !== undefined) throw last.failure;
  return last;
}
