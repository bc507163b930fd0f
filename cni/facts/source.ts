/** What a source says about a pod, not yet parsed. */
export interface Answer {
  readonly pod: unknown;
  readonly source: FactsSource;
  readonly observedAt: string | undefined;
}

/** Metric label and field of the record. `agent/other`: an agent newer than we are, with a source of its own. */
export type FactsSource =
  'agent/watch' | 'agent/apiserver' | 'agent/disk' | 'agent/other' | 'apiserver';

/**
 * Why a source gave no facts. The message is a clause of the sentence in the error result:
 * `the agent does not answer at /run/sluice/agent.sock`.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** Whether waiting may help: an agent that starts, a pod not seen yet. */
  readonly retry: boolean;

  constructor(message: string, options: ErrorOptions & { readonly retry: boolean }) {
    super(message, options);
    this.retry = options.retry;
  }
}
