import { type AttachmentRecord, type Outcome } from './attachment.ts';
import { closing, emptyRecord, milliseconds, recordedError, type Requested } from './draft.ts';
import { type FoundFacts } from './facts/facts.ts';
import { type Host } from './host.ts';
import { type Applied, type Rulesets } from './kernel/apply.ts';
import { type Session } from './kernel/session.ts';
import { type Log } from './log.ts';
import { redacted } from './redact.ts';
import { type Decision } from './redirect/decide.ts';
import { type CniError } from './spec/error.ts';
import { type AttachRequest } from './spec/request.ts';

/** Follows one ADD and tells of it: in the record, to the agent, in the log. */
export interface Journal {
  readonly version: string;
  phase<T>(name: string, work: () => Promise<T>): Promise<T>;
  learned(facts: FoundFacts): void;
  decided(decision: Decision): void;
  planned(session: Session, rulesets: Rulesets & { readonly hash: string }): void;
  redirected(applied: Applied): Promise<void>;
  skipped(): Promise<void>;
  failed(error: CniError): Promise<void>;
}

interface Options {
  readonly host: Host;
  readonly log: Log;
}

export function createJournal(request: AttachRequest, { host, log }: Options): Journal {
  const { agentSocket, stateDir } = request.config;
  let record = emptyRecord(requested(request), host);
  const add = (changes: Partial<AttachmentRecord>): void => {
    record = { ...record, ...changes };
  };
  // Redirection protects the pod, the record only explains it: an ADD does not fail for its record.
  const write = (): void => {
    try {
      host.writeRecord(stateDir, record);
    } catch (error) {
      log('warn', 'not recorded', {
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  };
  const close = async (outcome: Outcome): Promise<void> => {
    add(closing(outcome, record));
    const told = host.postEvent(agentSocket, redacted(record));
    write();
    await told;
  };
  const finish = async (outcome: Outcome, fields: Record<string, unknown>): Promise<void> => {
    const closed = close(outcome);
    log('info', outcome === 'skipped' ? 'not redirected' : outcome, {
      ...fields,
      phases: record.phases,
    });
    await closed;
  };
  return {
    version: host.versions.sluice,
    phase: async (name, work) => {
      const start = performance.now();
      try {
        return await work();
      } finally {
        add({ phases: { ...record.phases, [name]: milliseconds(performance.now() - start) } });
      }
    },
    learned: (facts) => {
      add({ facts });
    },
    decided: (decision) => {
      add({ decision, warnings: [...record.warnings, ...decision.warnings] });
    },
    planned: ({ inode, backend }, rules) => {
      add({ netns: { path: request.netns, inode }, backend, rules });
      write();
    },
    redirected: async ({ families, warnings }) => {
      add({ families, warnings: [...record.warnings, ...warnings] });
      await finish('redirected', { families, warnings: record.warnings });
    },
    skipped: async () => {
      const reason = record.decision?.action === 'skip' ? record.decision.reason : undefined;
      await finish('skipped', { reason, warnings: record.warnings });
    },
    failed: async (error) => {
      add({ error: recordedError(error) });
      await close('failed');
    },
  };
}

function requested({ containerId, ifName, netns: path, pod, config }: AttachRequest): Requested {
  const { cniVersion, name: network, podAnnotations, warnings } = config;
  return {
    containerId,
    ifName,
    netns: { path, inode: undefined },
    pod,
    request: { cniVersion, network, podAnnotations },
    warnings,
  };
}
