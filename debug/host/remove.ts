import { type Inspection } from '../../cni/kernel/inspect.ts';
import { type Kernel } from '../../cni/kernel/kernel.ts';
import { removeAll } from '../../cni/kernel/remove.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { hasOurs, isOurChain, isOurRule } from '../../cni/rules/ours.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';
import { CommandError, ExitCode, type Place } from '../command.ts';
import { clear, type Elsewhere, holdsOurs, lookElsewhere } from './backends.ts';
import { forgetFollowing, isAboutFollowing, isFollowed } from './follow.ts';
import { inspectHost } from './netns.ts';
import { valueOf, withBackend } from './show.ts';
import { readHostRecord, removeHostRecord } from './state.ts';
import { type HostValue } from './told.ts';

/**
 * Takes away all that is ours, in whichever backend, or tells what it would take; nothing there is fine.
 *
 * @throws {CommandError} `problem` when something is left
 */
export async function removeFromHost(
  opened: Kernel,
  { stateDir }: Place,
  { dryRun }: { readonly dryRun: boolean },
): Promise<HostValue> {
  const { inode } = opened.netns;
  const kernel = withBackend(opened, readHostRecord(stateDir, inode));
  const found = await inspectHost(kernel);
  const elsewhere = await lookElsewhere(kernel);
  if (dryRun) return planned(kernel, found, elsewhere);
  const { held, warnings } = elsewhere;
  const was = hasOurs(found.ipv4.tables) || hasOurs(found.ipv6.tables) || holdsOurs(held);
  await removeBoth(kernel, found, elsewhere);
  await removeHostRecord(stateDir, inode);
  const summary = was ? 'the host is not redirected any more' : 'the host was not redirected';
  return valueOf(kernel, { state: 'none', summary, record: undefined, warnings });
}

async function removeBoth(
  kernel: Kernel,
  { ipv4, ipv6 }: Inspection,
  { held }: Elsewhere,
): Promise<void> {
  const steps = [
    // What is removed last takes away the routes on which the rules of both rely.
    () => (held ? clear(held) : Promise.resolve()),
    () => removeAll(kernel),
    () =>
      isFollowed([...ipv4.tables, ...ipv6.tables]) ? forgetFollowing(kernel) : Promise.resolve(),
  ];
  const causes: unknown[] = [];
  for (const step of steps) await step().catch((cause: unknown) => causes.push(cause));
  if (causes.length === 0) return;
  const cause = causes.length === 1 ? causes[0] : new AggregateError(causes, 'in both backends');
  throw new CommandError(ExitCode.problem, 'cannot remove all that was redirected', { cause });
}

function planned(kernel: Kernel, found: Inspection, { held, warnings }: Elsewhere): HostValue {
  const linesOf = (family: Family): string[] => [
    ...linesIn(found[family].tables),
    ...(held ? linesIn(held.tables[family]) : []),
    ...routeLines(family, found[family].routes),
  ];
  const rules = { ipv4: linesOf('ipv4'), ipv6: linesOf('ipv6') };
  const value = { record: undefined, warnings };
  if (rules.ipv4.length + rules.ipv6.length === 0) {
    const summary = 'the host is not redirected: nothing would be taken away';
    return valueOf(kernel, { state: 'none', summary, ...value });
  }
  const { backend } = kernel.tools;
  const places = held ? `${backend} and ${held.kernel.tools.backend}` : backend;
  const summary = `these rules would be taken away from ${places}: nothing was changed`;
  return { ...valueOf(kernel, { state: 'planned', summary, ...value }), rules };
}

/** Of ours, and of a run that was killed. */
function linesIn(tables: SavedTables): string[] {
  return tables.flatMap(({ name: table, chains }) =>
    chains.flatMap(({ name, rules }) =>
      rules
        .filter((rule) => isOurChain(name) || isOurRule(rule) || isAboutFollowing(rule))
        .map((rule) => `${table} -A ${name} ${rule}`),
    ),
  );
}

function routeLines(
  family: Family,
  { address, rule, route }: Inspection[Family]['routes'],
): string[] {
  return [
    // IPv4 needs none, and is said to have it always.
    ...(address && family === 'ipv6' ? ['address ::6/128 dev lo'] : []),
    ...(rule ? ['rule fwmark 1337 lookup 133'] : []),
    ...(route ? ['route local default dev lo table 133'] : []),
  ];
}
