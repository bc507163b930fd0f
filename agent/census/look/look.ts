import { fstatSync } from 'node:fs';
import { type Netns } from '../../../cni/kernel/netns.ts';
import { glance, type Glance } from './glance.ts';
import { openHome } from './inside.ts';
import { loadLibc } from './libc.ts';
import { type Holdings, type ReadOptions, readRules } from './read.ts';

/** Looks into netns. */
export interface Eyes {
  /** @throws {Error} when the netns cannot be entered or read, or changes all the time */
  readonly look: (netns: Netns) => Promise<Holdings>;
  /** Forgets rules that nobody was seen to hold since the last time. */
  readonly forget: () => void;
}

/** A pod's rules may just be programmed: then it is looked at once more. */
const MOST_LOOKS = 3;

/**
 * So much of the kernel's rules is kept listed; an ordinary pod has 20 KB. Who has more, or changes them all the time, must
 * not fill our memory.
 */
const MOST_KEPT = 8 * 1024 * 1024;

/**
 * Rules are listed by programs, which take some 10 ms. Most pods hold the same as others and as a minute ago, so what
 * was listed is kept by the digest of what the kernel holds.
 *
 * @param directories where koffi may be mapped from
 * @throws {AggregateError} when it cannot
 */
export function openEyes(directories: readonly string[], options: ReadOptions): Eyes {
  const libc = loadLibc(directories);
  const { home } = openHome();
  let known = new Map<string, Holdings['rules']>();
  let before: typeof known = new Map();
  let room = MOST_KEPT;
  const glanceAt = ({ fd }: Netns): Glance => glance(libc, { netns: fd, home });
  const keep = (key: string, rules: Holdings['rules'], bytes: number): void => {
    if (known.has(key) || bytes > room) return;
    room -= bytes;
    known.set(key, rules);
  };

  const look = async (netns: Netns): Promise<Holdings> => {
    let seen = glanceAt(netns);
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const { digest, generation, routes, bytes } = seen;
      const key = keyOf(netns, seen);
      const listed = known.get(key) ?? before.get(key);
      const rules = listed ?? (await readRules(netns, seen, options));
      if (!listed) seen = glanceAt(netns);
      if (seen.digest === digest && seen.generation === generation) {
        keep(key, rules, bytes);
        return { rules, routes };
      }
    }
    throw new Error('cannot read the rules: they keep changing');
  };
  return {
    look,
    forget: () => {
      before = known;
      known = new Map();
      room = MOST_KEPT;
    },
  };
}

/**
 * Who changes rules in the moment in which they are listed, and back, must not have others believed to hold what was
 * listed. Of legacy tables nothing tells that, so what was listed of them is for this netns alone; numbers of inodes are
 * used again.
 */
function keyOf({ fd }: Netns, { digest, legacy }: Glance): string {
  if (!legacy.ipv4 && !legacy.ipv6) return digest;
  const { ino, ctimeNs } = fstatSync(fd, { bigint: true });
  return [digest, ino, ctimeNs].join(' ');
}
