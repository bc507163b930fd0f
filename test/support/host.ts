import { type AttachmentRecord } from '../../cni/attachment.ts';
import { type Context } from '../../cni/context.ts';
import { type FoundFacts } from '../../cni/facts/facts.ts';
import { type Host } from '../../cni/host.ts';
import { type Applied } from '../../cni/kernel/apply.ts';
import { type Inspection } from '../../cni/kernel/inspect.ts';
import { type LogLevel } from '../../cni/log.ts';
import { parsePod } from '../../cni/redirect/pod.ts';

/** What a fake node does differently from one where all goes well. */
export interface HostChanges {
  readonly pod?: unknown;
  readonly readPodFacts?: () => FoundFacts;
  readonly apply?: () => Applied;
  readonly undo?: () => void;
  readonly inspection?: Inspection;
  readonly writeRecord?: () => void;
  readonly removeRecord?: () => void;
}

export interface FakeHost extends Context {
  /** What the plugin did to the node, in order, e.g. `record pending`, `apply`. */
  readonly deeds: readonly string[];
  readonly logged: readonly {
    level: LogLevel;
    msg: string;
    fields: Readonly<Record<string, unknown>>;
  }[];
  readonly records: ReadonlyMap<string, AttachmentRecord>;
  /** What the agent was told, as it reads it. */
  readonly told: readonly { readonly agentSocket: string; readonly text: string }[];
}

const clean: Inspection = {
  ipv4: { tables: [], routes: { address: true, rule: false, route: false, globalAddresses: [] } },
  ipv6: { tables: [], routes: { address: false, rule: false, route: false, globalAddresses: [] } },
};

/** A node in memory: the model of what the verbs may do to a real one. */
export function fakeHost(changes: HostChanges = {}): FakeHost {
  const deeds: string[] = [];
  const logged: FakeHost['logged'][number][] = [];
  const records = new Map<string, AttachmentRecord>();
  const told: FakeHost['told'][number][] = [];
  const host: Host = {
    versions: { sluice: '0.0.0-test', node: '0.0.0' },
    readPodFacts: async () => {
      deeds.push('facts');
      if (changes.readPodFacts) return changes.readPodFacts();
      return {
        pod: parsePod(changes.pod),
        source: 'agent/watch',
        observedAt: undefined,
        notes: [],
      };
    },
    openNetns: async () => ({
      inode: 1,
      backend: 'iptables-nft',
      prepare: () => undefined,
      apply: async () => {
        deeds.push('apply');
        return changes.apply?.() ?? { families: ['ipv4', 'ipv6'], warnings: [] };
      },
      undo: async () => {
        deeds.push('undo');
        changes.undo?.();
      },
      inspect: async () => changes.inspection ?? clean,
      close: () => {
        deeds.push('close');
      },
    }),
    writeRecord: (_, record) => {
      changes.writeRecord?.();
      deeds.push(`record ${record.outcome}`);
      records.set(record.containerId, record);
    },
    readRecord: (_, { containerId }) => records.get(containerId),
    removeRecord: (_, { containerId }) => {
      changes.removeRecord?.();
      records.delete(containerId);
    },
    collectGarbage: (_, valid) => {
      const stale = [...records.keys()].filter(
        (id) => !valid.some(({ containerId }) => containerId === id),
      );
      for (const id of stale) records.delete(id);
      return stale;
    },
    postEvent: async (agentSocket, event) => {
      deeds.push('event');
      told.push({ agentSocket, text: JSON.stringify(event) });
    },
  };
  return {
    deeds,
    logged,
    records,
    told,
    host: async () => {
      deeds.push('load');
      return host;
    },
    log: (level, msg, fields = {}) => {
      logged.push({ level, msg, fields });
    },
    interruption: () => new AbortController().signal,
  };
}
