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
  const glanceAt = ({ fd }: Netns): Glance => glance(libc, { netns: fd, home });

  const look = async (netns: Netns): Promise<Holdings> => {
    let seen = glanceAt(netns);
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const { digest, routes } = seen;
      const rules =
        known.get(digest) ?? before.get(digest) ?? (await readRules(netns, seen, options));
      seen = known.has(digest) ? seen : glanceAt(netns);
      if (seen.digest === digest) {
        known.set(digest, rules);
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
    },
  };
}
