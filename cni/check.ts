import { type Context, deadlineOf } from './context.ts';
import { type Host } from './host.ts';
import { type Rulesets } from './kernel/apply.ts';
import { type FamilyState, type Inspection } from './kernel/inspect.ts';
import { type Session } from './kernel/session.ts';
import { decide } from './redirect/decide.ts';
import { skipBeforeFacts } from './redirect/skip.ts';
import { compare, renderDifference } from './rules/compare.ts';
import { type Ruleset } from './rules/rule.ts';
import { rulesets } from './rules/ruleset.ts';
import { hasOurs } from './rules/ours.ts';
import { type SavedTables } from './rules/saved.ts';
import { type Settings } from './spec/config.ts';
import { CniError, ErrorCode } from './spec/error.ts';
import { type AttachRequest } from './spec/request.ts';

/**
 * Compares the kernel with the record of the ADD, in order; without a record, with what would be decided now.
 *
 * @throws {CniError} `rulesDiffer`, naming the first difference; `tryAgainLater` when the pod's facts or rules cannot be had
 */
export async function check(request: AttachRequest, context: Context): Promise<void> {
  const { pod, config } = request;
  try {
    await compareWithWanted(request, context);
  } catch (error) {
    const isOurs = error instanceof CniError && error.code === ErrorCode.rulesDiffer;
    const reason = skipBeforeFacts({ pod, ...config });
    if (isOurs || reason === undefined) throw error;
    // As in ADD: nothing of ours may fail a pod that is not meshed, not even that we cannot look.
    context.log('warn', 'not checked', { pod, reason, details: CniError.from(error).message });
  }
}

async function compareWithWanted(request: AttachRequest, context: Context): Promise<void> {
  const settings = request.config.settings();
  const host = await context.host();
  const signal = context.interruption();
  const expected = await wanted(request, { host, settings, signal });
  const session = await host.openNetns(request.netns, {
    settings,
    deadlineAt: deadlineOf(settings),
  });
  try {
    const difference = firstDifference(expected, await inspected(session));
    if (difference === undefined) return;
    const message = `the netns "${request.netns}" is not as it should be: ${difference}`;
    throw new CniError(ErrorCode.rulesDiffer, message);
  } finally {
    session.close();
  }
}

async function inspected(session: Session): Promise<Inspection> {
  try {
    return await session.inspect();
  } catch (cause) {
    if (cause instanceof CniError) throw cause;
    const message = 'cannot read the rules and routes in the netns';
    throw new CniError(ErrorCode.tryAgainLater, message, { cause });
  }
}

interface Wanted {
  readonly host: Host;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** The rules that should be there; undefined for a pod that is not redirected. */
async function wanted(
  request: AttachRequest,
  { host, settings, signal }: Wanted,
): Promise<Rulesets | undefined> {
  const { pod, config } = request;
  const record = host.readRecord(settings.stateDir, request);
  if (record?.outcome === 'redirected' && record.rules) return record.rules;
  if (record?.outcome === 'skipped') return undefined;
  if (pod === undefined || skipBeforeFacts({ pod, ...config }) !== undefined) return undefined;
  const { podAnnotations } = config;
  const facts = await host.readPodFacts(pod, {
    ...settings,
    podAnnotations,
    deadlineAt: deadlineOf(settings),
    signal,
  });
  const decision = await decide(facts.pod);
  return decision.action === 'skip' ? undefined : rulesets(decision.plan, host.versions.sluice);
}

function firstDifference(expected: Rulesets | undefined, found: Inspection): string | undefined {
  if (expected === undefined) {
    const held = [found.ipv4, found.ipv6].some(({ tables }) => holdsSluice(tables));
    return held ? 'the pod is not to be redirected, but rules of sluice are there' : undefined;
  }
  return (
    familyDifference(expected.ipv4, found.ipv4) ??
    // As in ADD: without IPv6 rules a pod is right if it has no address that could leak past them.
    (hasOurs(found.ipv6.tables) || found.ipv6.routes.globalAddresses.length > 0
      ? familyDifference(expected.ipv6, found.ipv6)
      : undefined)
  );
}

function familyDifference(expected: Ruleset, { tables, routes }: FamilyState): string | undefined {
  const { family, tproxyRoute } = expected;
  const difference = compare(expected, tables);
  if (difference !== undefined) return `${family}: ${renderDifference(difference)}`;
  if (tproxyRoute && !routes.rule)
    return `${family}: the ip rule "from all fwmark 0x539 lookup 133" is missing`;
  if (tproxyRoute && !routes.route)
    return `${family}: the route "local default dev lo table 133" is missing`;
  if (!routes.address && routes.globalAddresses.length > 0)
    return `${family}: the address ::6 on lo is missing`;
  return undefined;
}

/** By our comment: an istio-init's chains have the same names, and belong into a pod that has one. */
function holdsSluice(tables: SavedTables): boolean {
  return tables.some(({ chains }) =>
    chains.some(({ rules }) => rules.some((rule) => /--comment "?sluice:/.test(rule))),
  );
}
