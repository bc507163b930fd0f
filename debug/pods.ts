import { type AttachmentRecord } from '../cni/attachment.ts';
import { listRecords } from '../cni/record.ts';
import { parsePod, type PodFacts } from '../cni/redirect/pod.ts';
import { nearest } from '../cni/spec/nearest.ts';
import { readFacts } from '../agent/disk.ts';
import { couldNotTell, type Place, usageError } from './command.ts';

/** What this node's own files tell of a pod; nobody is asked. */
export interface KnownPod {
  readonly namespace: string;
  readonly name: string;
  /** Of its ADDs, the latest last; also of a pod before it that had the same name. */
  readonly records: readonly AttachmentRecord[];
  /** What the agent was last told of it. */
  readonly fact: { readonly pod: PodFacts; readonly observedAt: string } | undefined;
}

/** All pods that the records and the agent's facts name, in the order of their names. */
export async function knownPods({ stateDir }: Pick<Place, 'stateDir'>): Promise<KnownPod[]> {
  const pods = new Map<string, KnownPod>();
  const add = (
    { namespace, name }: { readonly namespace: string; readonly name: string },
    more: Partial<KnownPod>,
  ): void => {
    const key = `${namespace}/${name}`;
    const before = pods.get(key) ?? { namespace, name, records: [], fact: undefined };
    pods.set(key, { ...before, ...more, records: [...before.records, ...(more.records ?? [])] });
  };
  const records = listRecords(stateDir).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  for (const record of records) if (record.pod) add(record.pod, { records: [record] });
  for (const { pod: json, observedAt } of await readFacts(`${stateDir}/pods`)) {
    const pod = parsePod(json);
    add(pod, { fact: { pod, observedAt } });
  }
  return [...pods.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pod]) => pod);
}

/** `default/web-0`, or the name alone where one namespace only has it. */
export interface PodName {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** @throws {CommandError} `usage` */
export function parsePodName(text: string | undefined): PodName {
  const [, namespace, name] = /^(?:([^/\s]+)\/)?([^/\s]+)$/.exec(text ?? '') ?? [];
  if (name !== undefined) return { namespace, name };
  throw usageError(
    text === undefined
      ? 'cannot tell which pod: wanted <namespace>/<pod>'
      : `cannot read pod "${text}": wanted <namespace>/<pod>`,
  );
}

/**
 * The one pod that is meant.
 *
 * @throws {CommandError} `usage` where several are, `unknown` where none is, naming those that are spelled most like it
 */
export function findPod(pods: readonly KnownPod[], wanted: PodName): KnownPod {
  const [found, ...more] = pods.filter(
    ({ namespace, name }) => name === wanted.name && (wanted.namespace ?? namespace) === namespace,
  );
  if (found && more.length === 0) return found;
  if (found) {
    const names = [found, ...more].map(nameOf).join(', ');
    throw usageError(`cannot tell which pod "${wanted.name}" is: wanted one of ${names}`);
  }
  throw couldNotTell(`cannot find pod "${nameOf(wanted)}" on this node: ${hint(pods, wanted)}`);
}

export function nameOf({ namespace, name }: PodName): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The three pods that are spelled most like it. */
function hint(pods: readonly KnownPod[], wanted: PodName): string {
  const full = wanted.namespace !== undefined;
  const spelled = new Map(pods.map((pod) => [full ? nameOf(pod) : pod.name, nameOf(pod)]));
  const likely: string[] = [];
  while (likely.length < 3 && spelled.size > 0) {
    const next = nearest(nameOf(wanted), [...spelled.keys()]);
    likely.push(spelled.get(next) ?? next);
    spelled.delete(next);
  }
  return likely.length === 0
    ? 'it knows no pod at all'
    : `did you mean ${likely.map((name) => `"${name}"`).join(' or ')}?`;
}
