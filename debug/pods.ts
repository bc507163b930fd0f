import { type AttachmentRecord } from '../cni/attachment.ts';
import { listRecords } from '../cni/record.ts';
import { parsePod, type PodFacts } from '../cni/redirect/pod.ts';
import { nearest } from '../cni/spec/nearest.ts';
import { type Fact, readFacts } from '../agent/disk.ts';
import { isThisPod } from '../agent/pod.ts';
import { couldNotTell, type Place, usageError } from './command.ts';

/** What this node's own files tell of a pod; nobody is asked. */
export interface KnownPod {
  readonly namespace: string;
  readonly name: string;
  /** Of its ADDs, the latest last; also of a pod before it that had the same name. */
  readonly records: readonly AttachmentRecord[];
  /** The latest of them that is this pod's own, as far as its UID is known. */
  readonly record: AttachmentRecord | undefined;
  /** What the agent was last told of it. */
  readonly fact: { readonly pod: PodFacts; readonly observedAt: string } | undefined;
}

/** All pods that the records and the agent's facts name, in the order of their names. */
export async function knownPods({ stateDir }: Pick<Place, 'stateDir'>): Promise<KnownPod[]> {
  const records = listRecords(stateDir).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const byPod = Map.groupBy(records, ({ pod }) => (pod ? nameOf(pod) : ''));
  const facts = await readFacts(`${stateDir}/pods`);
  const factOf = new Map(facts.map((fact) => [nameOf(fact.pod.metadata), fact]));
  const names = [...new Set([...byPod.keys(), ...factOf.keys()])].filter(Boolean).sort();
  return names.map((key) => known(key, byPod.get(key) ?? [], factOf.get(key)));
}

function known(
  key: string,
  records: readonly AttachmentRecord[],
  fact: Fact | undefined,
): KnownPod {
  const [namespace = '', name = ''] = key.split('/');
  const own = records.filter((record) => !fact || isThisPod(fact.pod, record.pod?.uid));
  return {
    namespace,
    name,
    records,
    record: own.at(-1),
    fact: fact && { pod: parsePod(fact.pod), observedAt: fact.observedAt },
  };
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
