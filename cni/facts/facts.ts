import { parsePod, type PodFacts } from '../redirect/pod.ts';
import type { PodRef } from '../spec/args.ts';
import { cannotLearn, type Failure, interrupted, note } from './failure.ts';
import type { Limits } from './limits.ts';
import { type Answer, type FactsSource, SourceError } from './source.ts';

export interface FactsOptions {
  readonly agentSocket: string;
  readonly apiFallback: { readonly kubeconfig: string } | undefined;
  /** What the runtime passed. */
  readonly podAnnotations: Readonly<Record<string, string>> | undefined;
  /** As configured, for the message. */
  readonly deadlineMs: number;
  /** On the clock of `performance.now()`. */
  readonly deadlineAt: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FoundFacts {
  readonly pod: PodFacts;
  readonly source: FactsSource;
  /** RFC 3339; only the agent says it. */
  readonly observedAt: string | undefined;
  /** What did not answer before `source` did, one sentence each. */
  readonly notes: readonly string[];
}

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;
/** With less than this left, no further attempt could succeed. */
const LEAST_MS = 10;

/**
 * Learns about a pod from the agent or, if configured, the API server; the agent is asked first.
 *
 * While nobody knows and waiting may help, all are asked again, with growing pauses, until the deadline.
 *
 * @throws {CniError} `tryAgainLater`, naming the pod and what is missing
 */
export async function readPodFacts(ref: PodRef, options: FactsOptions): Promise<FoundFacts> {
  const { deadlineAt, signal } = options;
  const failed = new Map<Source, Failure>();
  const remainingMs = (): number => deadlineAt - performance.now();

  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const open = sources(options).filter((source) => failed.get(source)?.error.retry ?? true);
    for (const source of open) {
      try {
        const timeoutMs = remainingMs() * (source === askAgent && options.apiFallback ? 0.5 : 1);
        const found = await learn(ref, source, options, { timeoutMs, signal });
        return { ...found, notes: [...failed.values()].map(note) };
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        if (signal?.aborted) throw interrupted(ref, signal.reason);
        const before = failed.get(source);
        // What the deadline cut short says less than the answer before it.
        const last = remainingMs() < LEAST_MS ? (before?.error ?? error) : error;
        failed.set(source, { error: last, times: (before?.times ?? 0) + 1 });
      }
    }
    if (remainingMs() < LEAST_MS || open.every((source) => !failed.get(source)?.error.retry)) {
      throw cannotLearn(ref, [...failed.values()], options);
    }
    await pause(Math.min(pauseMs, remainingMs() / 2), signal);
  }
}

type Source = (ref: PodRef, options: FactsOptions, limits: Limits) => Promise<Answer>;

function sources({ apiFallback }: FactsOptions): Source[] {
  return apiFallback ? [askAgent, askApiServer] : [askAgent];
}

// Loaded when asked, so that a pod whose annotations decide pays for neither.
async function askAgent(ref: PodRef, options: FactsOptions, limits: Limits): Promise<Answer> {
  const { readFromAgent } = await import('./agent.ts');
  return readFromAgent(options.agentSocket, ref, limits);
}

async function askApiServer(ref: PodRef, options: FactsOptions, limits: Limits): Promise<Answer> {
  const { readFromApiServer } = await import('./apiserver.ts');
  return readFromApiServer(options.apiFallback?.kubeconfig ?? '', ref, limits);
}

async function learn(
  ref: PodRef,
  ask: Source,
  options: FactsOptions,
  limits: Limits,
): Promise<Omit<FoundFacts, 'notes'>> {
  const { pod: json, source, observedAt } = await ask(ref, options, limits);
  const speaker = ask === askAgent ? 'the agent' : 'the API server';
  const pod = parse(json, speaker);
  if (!isThisPod(pod, ref)) {
    const known = `${pod.namespace}/${pod.name} with UID "${pod.uid ?? ''}"`;
    const message = `${speaker} knows ${known}, not UID "${ref.uid ?? ''}"`;
    throw new SourceError(message, { retry: true });
  }
  // The runtime's copy wins: it is of this very sandbox, while the object may have been edited since.
  return {
    pod: { ...pod, annotations: { ...pod.annotations, ...options.podAnnotations } },
    source,
    observedAt,
  };
}

function parse(json: unknown, speaker: string): PodFacts {
  try {
    return parsePod(json);
  } catch (cause) {
    throw new SourceError(`${speaker} answered with something that is no pod`, {
      cause,
      retry: false,
    });
  }
}

/**
 * kubelet's UID of a static pod is a hash; the API server's mirror of it has another UID, and the hash as annotation.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/pod/mirror_client.go
 */
function isThisPod({ namespace, name, uid, annotations }: PodFacts, ref: PodRef): boolean {
  if (namespace !== ref.namespace || name !== ref.name) return false;
  return [uid, annotations['kubernetes.io/config.mirror'], undefined].includes(ref.uid);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
