import { type Applied } from '../../cni/kernel/apply.ts';
import { type Netns } from '../../cni/kernel/netns.ts';
import { openSession, type Session } from '../../cni/kernel/session.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type Rulesets } from '../../cni/rules/ruleset.ts';

/** Where rules go, and where none of a mesh may stay. */
export interface Places {
  readonly backend: Backend;
  readonly doubled: Backend | undefined;
}

export interface InPlaceOptions {
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  readonly timeoutMs?: number;
  /** Called while the netns is ours alone, before and after its rules change. */
  readonly before?: () => void;
  readonly after?: (applied: Applied, backend: Backend) => void;
}

/**
 * Brings a running pod's netns to its rules as an ADD would: both families or nothing of ours, one caller at a time,
 * read back.
 *
 * @throws {CniError}
 */
export async function redirectInPlace(
  netns: Netns,
  rules: Rulesets,
  { backend, doubled, ...options }: Places & InPlaceOptions,
): Promise<void> {
  const into = { backend, ...options };
  if (doubled !== undefined) {
    // First of all it is redirected, were it twice. What takes the others away takes what both rely on as well.
    await inSession(netns, into, (session) => {
      options.before?.();
      return session.apply(rules);
    });
    await inSession(netns, { ...options, backend: doubled }, (session) => session.undo());
  }
  await inSession(netns, into, async (session) => {
    if (doubled === undefined) options.before?.();
    const applied = await session.apply(rules);
    options.after?.(applied, session.backend);
  });
}

async function inSession<T>(
  { fd }: Netns,
  options: InPlaceOptions & { readonly backend: Backend },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { backend, toolsDir, timeoutMs = 20_000 } = options;
  const deadlineAt = performance.now() + timeoutMs;
  // Whatever its path means by now, this is the netns that was found.
  const session = await openSession(`/proc/self/fd/${fd}`, { backend, toolsDir, deadlineAt });
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
