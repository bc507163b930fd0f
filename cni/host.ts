import { type AttachmentRecord } from './attachment.ts';
import { type FactsOptions, type FoundFacts } from './facts/facts.ts';
import { type Session } from './kernel/session.ts';
import { type AttachmentId } from './record.ts';
import { type Settings } from './spec/config.ts';
import { type PodRef } from './spec/request.ts';

/** How to work in a netns. */
export interface KernelOptions {
  readonly settings: Settings;
  /** On the clock of `performance.now()`. */
  readonly deadlineAt: number;
}

/** All that the plugin asks of a node; what a test of the verbs fakes. */
export interface Host {
  readonly versions: { readonly sluice: string; readonly node: string };
  readPodFacts(ref: PodRef, options: FactsOptions): Promise<FoundFacts>;
  /** @throws {CniError} `unknownContainer`, `invalidNetns`, `noBackend`, `tryAgainLater` */
  openNetns(path: string, options: KernelOptions): Promise<Session>;
  writeRecord(stateDir: string, record: AttachmentRecord): void;
  readRecord(stateDir: string, id: AttachmentId): AttachmentRecord | undefined;
  removeRecord(stateDir: string, id: AttachmentId): void;
  /** Returns the names of the records that it dropped. */
  collectGarbage(stateDir: string, valid: readonly AttachmentId[]): string[];
  /** Tells the agent; never throws, never takes longer than 50 ms. */
  postEvent(agentSocket: string, event: unknown): Promise<void>;
}
