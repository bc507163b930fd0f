import { type Family } from '../redirect/cidrs.ts';
import { compare, renderDifference } from '../rules/compare.ts';
import { LISTED_TABLES, renderApply, renderReplace } from '../rules/restore.ts';
import { type Ruleset } from '../rules/rule.ts';
import { parseListing, type SavedTables } from '../rules/saved.ts';
import { CniError, ErrorCode } from '../spec/error.ts';
import { ExecError } from './exec.ts';
import { iptables } from './iptables.ts';
import { type Kernel } from './kernel.ts';
import { findings, type Findings, readTables } from './read.ts';
import { addRoutes, type Routes } from './routes.ts';
import { removeAll } from './remove.ts';

/** Both families' rules. */
export interface Rulesets {
  readonly ipv4: Ruleset;
  readonly ipv6: Ruleset;
}

/** What an ADD has done to the netns, read back from the kernel. */
export interface Applied extends Findings {
  /** Families whose rules are there; without `ipv6` only where the netns has no global IPv6 address. */
  readonly families: readonly Family[];
}

/** What is there of one family after programming it. */
interface Programmed {
  readonly tables: SavedTables;
  readonly routes: Routes;
  readonly stderr: string;
}

/**
 * Brings a netns to exactly these rules in both families, whatever of ours or of another mesh's it held
 * before, and reads them back. Applying twice is applying once. Foreign rules stay.
 *
 * @throws {CniError} `notApplied` when nothing of ours is left in the netns, `notUndone` when something is
 */
export async function applyRules(kernel: Kernel, rulesets: Rulesets): Promise<Applied> {
  const [ipv4, ipv6] = await Promise.allSettled([
    programFamily(kernel, rulesets.ipv4),
    programFamily(kernel, rulesets.ipv6),
  ]);
  if (ipv4.status === 'fulfilled' && ipv6.status === 'fulfilled') {
    const found = await findings(kernel, [ipv4.value, ipv6.value]);
    return { families: ['ipv4', 'ipv6'], ...found };
  }
  const causes = [ipv4, ipv6].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  if (ipv4.status === 'fulfilled' && causes[0] instanceof NoIpv6) {
    const found = await findings(kernel, [ipv4.value]);
    const warning = `IPv6 is not redirected: the kernel refuses it, and the netns has no global IPv6 address: ${causes[0].message}`;
    return { families: ['ipv4'], ...found, warnings: [...found.warnings, warning] };
  }
  throw await undone(kernel, causes);
}

/** IPv6 rules cannot be had, and nothing in this netns could leak past them. */
class NoIpv6 extends Error {}

async function programFamily(kernel: Kernel, ruleset: Ruleset): Promise<Programmed> {
  const [restored, routed] = await Promise.allSettled([
    programTables(kernel, ruleset),
    addRoutes(kernel, ruleset),
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
async function programTables(kernel: Kernel, ruleset: Ruleset): Promise<Listed> {
  const first = await attempt(kernel, ruleset, renderApply(ruleset));
  if (first.failure === undefined) return first;
  const found = await readTables(kernel, ruleset.family);
  if (compare(ruleset, found) === undefined) return { ...first, tables: found };
  const second = await attempt(kernel, ruleset, renderReplace(ruleset, found));
  if (second.failure === undefined) return second;
  const left = await readTables(kernel, ruleset.family);
  if (compare(ruleset, left) === undefined) return { ...second, tables: left };
  throw second.failure;
}

type Listed = Omit<Programmed, 'routes'>;

/** `failure`: the program did not end well, or what it listed is not what it was told. */
async function attempt(
  kernel: Kernel,
  ruleset: Ruleset,
  input: string,
): Promise<Listed & { readonly failure: Error | undefined }> {
  const { family } = ruleset;
  try {
    const args = ['--wait', '5', '--noflush'];
    const { stdout, stderr } = await iptables(kernel, { family, verb: 'restore', args, input });
    const tables = parseListing(stdout, LISTED_TABLES);
    const difference = compare(ruleset, tables);
    const failure =
      difference &&
      new Error(`the kernel took other ${family} rules: ${renderDifference(difference)}`);
    return { tables, stderr, failure };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    const stderr = failure instanceof ExecError ? failure.stderr : '';
    return { tables: [], stderr, failure };
  }
}

async function undone(kernel: Kernel, causes: readonly unknown[]): Promise<CniError> {
  const cause = causes.length === 1 ? causes[0] : new AggregateError(causes, 'both families');
  const where = `in netns "${kernel.netns.path}" with ${kernel.tools.backend}`;
  try {
    await removeAll(kernel);
  } catch (left) {
    const both = new AggregateError([...causes, left], 'programming and undoing');
    const message = `cannot redirect the pod's traffic ${where}, nor remove what was programmed of it`;
    return new CniError(ErrorCode.notUndone, message, { cause: both });
  }
  const message = `cannot redirect the pod's traffic ${where}: nothing of it was left behind`;
  return new CniError(ErrorCode.notApplied, message, { cause });
}
