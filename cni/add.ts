import { type Context, deadlineOf } from './context.ts';
import { type Host, type KernelOptions } from './host.ts';
import { type Session } from './kernel/session.ts';
import { type Journal } from './journal.ts';
import { skipBeforeFacts } from './redirect/skip.ts';
import { type RedirectPlan } from './redirect/plan.ts';
import { type Settings } from './spec/config.ts';
import { CniError, detailsOf, ErrorCode } from './spec/error.ts';
import { type AttachRequest, type PodRef } from './spec/request.ts';
import { renderResult } from './spec/result.ts';

/** What ADD prints, and the way back for the case that it cannot be printed. */
export interface Added {
  readonly stdout: string;
  readonly undo?: () => Promise<void>;
}

/** Redirects the pod's traffic if it is to be redirected, and passes `prevResult` on. */
export async function add(request: AttachRequest, context: Context): Promise<Added> {
  const { config, pod } = request;
  const reason = skipBeforeFacts({ pod, ...config });
  if (reason !== undefined || pod === undefined) {
    const stdout = renderResult(config);
    const warnings = config.warnings.length > 0 ? config.warnings : undefined;
    context.log('info', 'not redirected', { reason, warnings });
    return { stdout };
  }
  const host = await context.host();
  const { createJournal } = await import('./journal.ts');
  const journal = createJournal(request, { host, log: context.log });
  try {
    const stdout = renderResult(config);
    const settings = config.settings();
    const undo = await redirect({ request, pod, settings, host, journal }, context);
    return undo === undefined ? { stdout } : { stdout, undo };
  } catch (error) {
    const failure = CniError.from(error);
    await journal.failed(failure);
    throw failure;
  }
}

interface Meshed {
  readonly request: AttachRequest;
  readonly pod: PodRef;
  readonly settings: Settings;
  readonly host: Host;
  readonly journal: Journal;
}

async function redirect(
  { request, pod, settings, host, journal }: Meshed,
  context: Context,
): Promise<Added['undo'] | undefined> {
  const { deadlineMs, agentSocket, apiFallback } = settings;
  const deadlineAt = deadlineOf(settings);
  const { podAnnotations } = request.config;
  const signal = context.interruption();
  const options = { deadlineMs, deadlineAt, agentSocket, apiFallback, podAnnotations, signal };
  const asked = host.readPodFacts(pod, options);
  // Loads what will be needed while others look for the answer; nothing in the netns changes before `apply`.
  const opening = prepare(host, request.netns, { settings, deadlineAt });
  opening.catch(() => undefined); // told where it is needed
  try {
    const facts = await journal.phase('facts', () => asked);
    journal.learned(facts);
    const { decide } = await import('./redirect/decide.ts');
    const decision = await journal.phase('decide', () => decide(facts.pod));
    journal.decided(decision);
    if (decision.action === 'skip') {
      await journal.skipped();
      return undefined;
    }
    const session = await opening;
    await program(session, decision.plan, journal);
    const done = { host, settings, journal, inode: session.inode };
    return () => takeBack(request, done, context);
  } finally {
    await close(opening);
  }
}

async function prepare(host: Host, netns: string, options: KernelOptions): Promise<Session> {
  const session = await host.openNetns(netns, options);
  session.prepare();
  return session;
}

/** Also where the netns was not needed after all, and could not be opened. */
async function close(opening: Promise<Session>): Promise<void> {
  const [opened] = await Promise.allSettled([opening]);
  if (opened.status === 'fulfilled') opened.value.close();
}

async function program(session: Session, plan: RedirectPlan, journal: Journal): Promise<void> {
  const { rulesets } = await import('./rules/ruleset.ts');
  const planned = rulesets(plan, journal.version);
  // On disk before the kernel is touched: whoever finds a half-programmed netns finds out whose it was.
  journal.planned(session, planned);
  const applied = await journal.phase('apply', () => session.apply(planned));
  await journal.redirected(applied);
}

interface Done extends Pick<Meshed, 'host' | 'settings' | 'journal'> {
  /** Of the netns that was programmed. */
  readonly inode: number;
}

/** Never rejects. The runtime has not learned of the success, and will not use this netns. */
async function takeBack(request: AttachRequest, done: Done, { log }: Context): Promise<void> {
  try {
    await undo(request, done);
    await done.journal.failed(new CniError(ErrorCode.io, 'cannot write the result to stdout'));
  } catch (cause) {
    const message = 'cannot write the result to stdout, nor remove what was programmed';
    const failure = new CniError(ErrorCode.notUndone, message, { cause });
    await done.journal.failed(failure);
    log('error', message, { code: failure.code, details: detailsOf(failure) });
  }
}

async function undo(request: AttachRequest, { host, settings, inode }: Done): Promise<void> {
  const deadlineAt = performance.now() + settings.deadlineMs;
  const session = await host.openNetns(request.netns, { settings, deadlineAt });
  try {
    // If the path leads to another netns by now, ours is gone, and its rules with it.
    if (session.inode === inode) await session.undo();
  } finally {
    session.close();
  }
}
