import { readFileSync } from 'node:fs';
import { type Netns } from '../../../cni/kernel/netns.ts';
import { inside, openHome } from '../../census/look/inside.ts';
import { type Libc } from '../../census/look/libc.ts';
import { type Entry, track, trackedConnections, untrack } from './conntrack.ts';
import { destroy } from './destroy.ts';
import { type Connection, keyOf, parseSockets } from './sockets.ts';

/** TCP connections of a pod, beside what its rules do with new ones. */
export interface Connections {
  /**
   * Sees to it that connections that are open now outlive the programming of rules, and tells those that pass the
   * sidecar by.
   *
   * @throws {Error}
   */
  readonly keep: (netns: Netns, proxyUid: number) => Connection[];
  /**
   * Resets those that pass the sidecar by, once rules are there, and tells them; where the kernel cannot, it does so with
   * their next packet, as far as that comes to a sidecar that does not know it.
   *
   * @throws {Error}
   */
  readonly cut: (netns: Netns, proxyUid: number) => Cut;
}

export interface Cut {
  readonly connections: Connection[];
  readonly how: 'reset' | 'forgotten';
}

/** Marks of connections that TPROXY has given to the sidecar, and of its calls to its own pod. */
const MARKS = [1337, 1338];

/** So many take some seconds, in which the agent answers nobody. */
const MOST_SOCKETS = 50_000;

/** @param most sockets that a pod may have */
export function connectionsBy(libc: Libc, most = MOST_SOCKETS): Connections {
  const { home } = openHome();
  return {
    keep: ({ fd }, proxyUid) =>
      inside(libc, { netns: fd, home }, () => {
        assertFew(most);
        const { sockets, entries } = read(libc);
        for (const socket of sockets) if (!entries.has(keyOfSocket(socket))) track(libc, socket);
        return bypassing(sockets, entries, proxyUid);
      }),
    cut: ({ fd }, proxyUid) =>
      inside(libc, { netns: fd, home }, () => {
        assertFew(most);
        const { sockets, entries } = read(libc);
        const found = bypassing(sockets, entries, proxyUid);
        for (const socket of found) destroy(libc, socket);
        const left = new Set(read(libc).sockets.map(keyOfSocket));
        const stubborn = found.map(keyOfSocket).filter((key) => left.has(key));
        for (const key of stubborn) {
          const entry = entries.get(key);
          if (entry) untrack(libc, entry);
        }
        return { connections: found, how: stubborn.length === 0 ? 'reset' : 'forgotten' };
      }),
  };
}

type Entries = ReadonlyMap<string, Entry>;

function read(libc: Libc): { readonly sockets: Connection[]; readonly entries: Entries } {
  const entries = trackedConnections(libc).flatMap((entry) =>
    [entry.original, entry.reply].map(
      ({ source, destination }) => [keyOf(source, destination), entry] as const,
    ),
  );
  const sockets = ['tcp', 'tcp6'].flatMap((name) => parseSockets(readTable(name)));
  return { sockets, entries: new Map(entries) };
}

/** Of the netns that this thread is in: `TCP: inuse 5 orphan 0 …`. */
function assertFew(most: number): void {
  const text = readTable('sockstat') + readTable('sockstat6');
  const counts = [...text.matchAll(/^TCP6?: inuse (\d+)/gm)].map(([, count]) => Number(count));
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all > most) throw new Error(`there are ${all} TCP sockets, wanted at most ${most}`);
}

/** A kernel without IPv6 has no `tcp6`. */
function readTable(name: string): string {
  try {
    return readFileSync(`/proc/thread-self/net/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Which of them the sidecar should have and has not. */
export function bypassing(
  sockets: readonly Connection[],
  entries: Entries,
  proxyUid: number,
): Connection[] {
  return sockets.filter((socket) => {
    const entry = entries.get(keyOfSocket(socket));
    return socket.uid !== proxyUid && !(entry && isRedirected(entry));
  });
}

function isRedirected({ original, reply, mark }: Entry): boolean {
  const answered = keyOf(reply.source, reply.destination);
  return MARKS.includes(mark) || answered !== keyOf(original.source, original.destination);
}

function keyOfSocket({ local, remote }: Connection): string {
  return keyOf(local, remote);
}
