import { compare, renderDifference } from '../rules/compare.ts';
import { LISTED_TABLES, renderListing } from '../rules/listing.ts';
import { renderApply } from '../rules/restore.ts';
import { type Ruleset } from '../rules/rule.ts';
import { parseListing, type SavedTables } from '../rules/saved.ts';
import { ExecError } from './exec.ts';
import { iptables, RESTORE_ARGS } from './iptables.ts';
import { type Kernel } from './kernel.ts';
import { type Crew } from './launch.ts';
import { isListed, parseRoutes, type Routes, routesInput } from './routes.ts';

/** Both families' rules. */
export interface Rulesets {
  readonly ipv4: Ruleset;
  readonly ipv6: Ruleset;
}

/** One restore, and what it listed then. */
export interface Attempt {
  /** Undefined where nothing but the rules is there. */
  readonly tables: SavedTables | undefined;
  readonly stderr: string;
  /** The program did not end well, or what it listed is not what it was told. */
  readonly failure: Error | undefined;
}

/** What comes of programming a netns that is taken to be clean, in both families at once. */
export interface FirstAttempt {
  readonly ipv4: Attempt;
  readonly ipv6: Attempt;
  /** Of IPv6; undefined if they were not told. */
  readonly routes: Routes | undefined;
}

/** Never rejects: whoever reads a failure looks closer, program by program. */
export async function tryAtOnce({ ipv4, ipv6 }: Rulesets, crew: Crew): Promise<FirstAttempt> {
  try {
    const inputs = [renderApply(ipv4), renderApply(ipv6), routesInput(ipv6)];
    const finished = crew.finish(inputs);
    // Rendered while they work.
    const [wanted4, wanted6] = [renderListing(ipv4), renderListing(ipv6)];
    const { stdouts, stderr } = await finished;
    const [listed4 = '', listed6 = '', listed = ''] = stdouts;
    return {
      ipv4: judge(ipv4, { stdout: listed4, stderr }, wanted4),
      ipv6: judge(ipv6, { stdout: listed6, stderr }, wanted6),
      routes: isListed(listed) ? parseRoutes(listed, 'ipv6') : undefined,
    };
  } catch (error) {
    const failed = failedAttempt(error);
    return { ipv4: failed, ipv6: failed, routes: undefined };
  }
}

/** Never rejects. */
export async function attempt(kernel: Kernel, ruleset: Ruleset, input: string): Promise<Attempt> {
  const { family } = ruleset;
  try {
    return judge(
      ruleset,
      await iptables(kernel, { family, verb: 'restore', args: RESTORE_ARGS, input }),
    );
  } catch (error) {
    return failedAttempt(error);
  }
}

function judge(
  ruleset: Ruleset,
  { stdout, stderr }: { stdout: string; stderr: string },
  wanted = renderListing(ruleset),
): Attempt {
  if (stdout === wanted) return { tables: undefined, stderr, failure: undefined };
  try {
    const tables = parseListing(stdout, LISTED_TABLES);
    const difference = compare(ruleset, tables);
    const other = `the kernel took other ${ruleset.family} rules`;
    const failure = difference && new Error(`${other}: ${renderDifference(difference)}`);
    return { tables, stderr, failure };
  } catch (error) {
    return { ...failedAttempt(error), stderr };
  }
}

function failedAttempt(error: unknown): Attempt {
  const failure = error instanceof Error ? error : new Error(String(error));
  return { tables: undefined, stderr: failure instanceof ExecError ? failure.stderr : '', failure };
}
