import { type Family } from '../redirect/cidrs.ts';
import { foreignRules } from '../rules/ours.ts';
import { type SavedTables } from '../rules/saved.ts';
import { CniError, ErrorCode } from '../spec/error.ts';
import { type Rulesets, tryAtOnce } from './attempt.ts';
import { startCrew } from './crew.ts';
import { clearElsewhere } from './elsewhere.ts';
import { NoIpv6, programFamily } from './family.ts';
import { type Kernel } from './kernel.ts';
import { removeAll, removeRules } from './remove.ts';

export type { Rulesets };

/** What an ADD has done to the netns, read back from the kernel. */
export interface Applied {
  /** Families whose rules are there; without `ipv6` only where the netns has no global IPv6 address. */
  readonly families: readonly Family[];
  /** What an operator should know of the netns beside its being right. */
  readonly warnings: readonly string[];
}

/** What one family holds, and what the program said that listed it. */
interface Listed {
  readonly tables: SavedTables | undefined;
  readonly stderr: string;
}

/**
 * Brings a netns to exactly these rules in both families, whatever of ours or of another mesh's it held
 * before, and reads them back. Applying twice is applying once. Foreign rules stay.
 *
 * @param crew what was started before the rules were known
 * @throws {CniError} `notApplied` when nothing of ours is left in the netns, `notUndone` when something is
 */
export async function applyRules(
  kernel: Kernel,
  rulesets: Rulesets,
  crew = startCrew(kernel),
): Promise<Applied> {
  const first = crew && tryAtOnce(rulesets, crew);
  const [ipv4, ipv6] = await Promise.allSettled([
    programFamily(kernel, rulesets.ipv4, first),
    programFamily(kernel, rulesets.ipv6, first),
  ]);
  if (ipv4.status === 'fulfilled' && ipv6.status === 'fulfilled') {
    const warnings = await tidy(kernel, [ipv4.value, ipv6.value], rulesets);
    return { families: ['ipv4', 'ipv6'], warnings };
  }
  const causes = [ipv4, ipv6].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  if (ipv4.status === 'fulfilled' && causes[0] instanceof NoIpv6) {
    const found = await tidy(kernel, [ipv4.value], rulesets);
    const warning = `IPv6 is not redirected: the kernel refuses it, and the netns has no global IPv6 address: ${causes[0].message}`;
    const left = await removeHalf(kernel);
    return { families: ['ipv4'], warnings: [...found, warning, ...left] };
  }
  throw await undone(kernel, causes);
}

/** Foreign rules stay; those of a mesh in the other backend do not. Returns what an operator should know of both. */
async function tidy(
  kernel: Kernel,
  families: readonly Listed[],
  rulesets: Rulesets,
): Promise<string[]> {
  const foreign = families.flatMap(({ tables }) => (tables ? foreignRules(tables) : []));
  const stderr = families.map((family) => family.stderr).join('\n');
  return [
    ...foreign.map(
      ({ table, chain, text }) => `a rule of somebody else stays in ${table} ${chain}: ${text}`,
    ),
    ...(await clearElsewhere(kernel, { stderr, rulesets })),
  ];
}

/** A kernel may take some tables of IPv6 and refuse others; half of the rules is worse than none. */
async function removeHalf(kernel: Kernel): Promise<string[]> {
  try {
    await removeRules(kernel, 'ipv6');
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`cannot see to it that no IPv6 rules are left: ${reason}`];
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
