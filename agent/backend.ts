import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../cni/facts/json.ts';
import { type Backend } from '../cni/kernel/tools.ts';
import { VERSION } from '../cni/version.ts';
import { writeDurably } from './durable.ts';
import { type Evidence, type Trial, TRIALS } from './trial.ts';

/** The node's backend, as `backend.json` in the state directory tells it to the plugin and the commands. */
export interface BackendChoice {
  readonly schema: 1;
  readonly backend: Backend;
  readonly evidence: readonly Evidence[];
  /** RFC 3339. */
  readonly chosenAt: string;
  /** What the evidence was found with; another kernel or another set of tools is tried anew. */
  readonly kernel: string;
  readonly version: string;
}

export interface ChooseOptions {
  readonly stateDir: string;
  readonly wanted: 'auto' | Backend;
  readonly tryBackend: (backend: Backend, trial: Trial) => Promise<Evidence>;
  /** Once aborted, nothing is chosen: what a trial found that was broken off says nothing of the node. */
  readonly signal?: AbortSignal;
  readonly kernel?: string;
  readonly now?: () => Date;
}

const BACKENDS: readonly Backend[] = ['iptables-nft', 'iptables-legacy'];

/**
 * The node's backend: the recorded one while kernel and version are the same, else the first that works in a netns of
 * its own, and the recorded one before all others, because the pods that run hold its rules.
 *
 * @throws {Error} naming each backend and why it does not work
 */
export async function chooseBackend(options: ChooseOptions): Promise<BackendChoice> {
  const { stateDir, wanted, kernel = release(), now = () => new Date() } = options;
  const recorded = await readBackend(stateDir);
  const allowed = wanted === 'auto' ? BACKENDS : [wanted];
  if (
    recorded?.kernel === kernel &&
    recorded.version === VERSION &&
    allowed.includes(recorded.backend)
  ) {
    return recorded;
  }
  const first = allowed.filter((backend) => backend === recorded?.backend);
  const candidates = [...new Set([...first, ...allowed])];
  const { backend, evidence } = await firstWorking(candidates, options);
  const choice: BackendChoice = {
    schema: 1,
    backend,
    evidence,
    chosenAt: now().toISOString(),
    kernel,
    version: VERSION,
  };
  await writeDurably(backendFile(stateDir), `${JSON.stringify(choice, undefined, 2)}\n`);
  return choice;
}

/** Chooses until it succeeds; undefined if aborted before. */
export async function untilChosen({
  choose,
  retryMs,
  onFailure,
  signal,
}: {
  /** Given the signal, so that it ends with it. */
  readonly choose: (signal: AbortSignal) => Promise<BackendChoice>;
  readonly retryMs: number;
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
}): Promise<BackendChoice | undefined> {
  const isStopped = (): boolean => signal.aborted;
  while (!isStopped()) {
    try {
      return await choose(signal);
    } catch (error) {
      if (isStopped()) return undefined;
      onFailure(error);
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** The recorded choice; undefined if there is none that can be read. */
export async function readBackend(stateDir: string): Promise<BackendChoice | undefined> {
  try {
    const value = JSON.parse(await readFile(backendFile(stateDir), 'utf8')) as unknown;
    return isChoice(value) ? value : undefined;
  } catch {
    return undefined; // It is chosen anew then.
  }
}

function backendFile(stateDir: string): string {
  return `${stateDir}/backend.json`;
}

async function firstWorking(
  candidates: readonly Backend[],
  { tryBackend, signal }: Pick<ChooseOptions, 'tryBackend' | 'signal'>,
): Promise<Pick<BackendChoice, 'backend' | 'evidence'>> {
  const evidence: Evidence[] = [];
  for (const backend of candidates) {
    for (const trial of TRIALS) {
      const found = await tryBackend(backend, trial);
      signal?.throwIfAborted();
      evidence.push(found);
      if (trial === 'redirect' && found.failure !== undefined) break;
    }
    const works = evidence.some(
      (found) => found.backend === backend && found.failure === undefined,
    );
    if (works) return { backend, evidence };
  }
  const why = evidence.map(({ backend, failure }) => `${backend}: ${failure ?? ''}`).join('; ');
  throw new Error(`cannot use any backend on this node: ${why}`);
}

function isChoice(value: unknown): value is BackendChoice {
  return (
    isObject(value) &&
    value.schema === 1 &&
    BACKENDS.some((backend) => backend === value.backend) &&
    ['chosenAt', 'kernel', 'version'].every((key) => typeof value[key] === 'string') &&
    Array.isArray(value.evidence)
  );
}
