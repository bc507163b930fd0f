import { closeNetns, type Netns } from '../../cni/kernel/netns.ts';
import { type Arguments, type Io, type Option, usageError } from '../command.ts';
import { readOwnEntry } from '../ownentry.ts';
import { findPod, knownPods, nameOf, parsePodName } from '../pods.ts';
import { openNamedNetns, openPodNetns } from './netns.ts';
import { type Live, readLive } from './read.ts';
import { type Wanted, wantedOf } from './wanted.ts';

/** What a command is about: a pod, or a netns that nobody knows anything of. */
export interface Subject {
  readonly name: string;
  /** Undefined for a netns without a pod. */
  readonly wanted: Wanted | undefined;
  readonly live: () => Promise<Live>;
  /** For what is done in it; closed afterwards. */
  readonly within: <T>(work: (netns: Netns) => Promise<T>) => Promise<T>;
}

export const NETNS: Readonly<Record<string, Option>> = {
  netns: { type: 'string', value: '<path>', meaning: 'a netns instead of a pod: /run/netns/…' },
};

/** @throws {CommandError} */
export async function subjectOf({ positionals, text }: Arguments, io: Io): Promise<Subject> {
  const path = text('netns');
  if (path !== undefined) {
    if (positionals.length > 0) throw usageError('cannot look at both: wanted a pod or --netns');
    return subject(path, undefined, { open: () => openNamedNetns(path), io });
  }
  const pod = findPod(await knownPods(io.place), parsePodName(positionals[0]));
  const wanted = await wantedOf(pod, (await readOwnEntry(io.place)).config);
  return subject(nameOf(pod), wanted, { open: () => openPodNetns(pod, io), io });
}

function subject(
  name: string,
  wanted: Wanted | undefined,
  { open, io }: { open: () => Netns | Promise<Netns>; io: Io },
): Subject {
  const within: Subject['within'] = async (work) => {
    const netns = await open();
    try {
      return await work(netns);
    } finally {
      closeNetns(netns);
    }
  };
  return { name, wanted, within, live: () => within((netns) => readLive(netns, io.place)) };
}
