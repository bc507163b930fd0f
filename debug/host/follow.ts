import { setTimeout as sleep } from 'node:timers/promises';
import { iptables, RESTORE_ARGS } from '../../cni/kernel/iptables.ts';
import { type Kernel } from '../../cni/kernel/kernel.ts';
import { foreignRules } from '../../cni/rules/ours.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';

/** Not one of ours by its words: it is gone when the rules are there. */
const COMMENT = 'host apply follows open connections';
const RULE = `-m conntrack --ctstate ESTABLISHED -m comment --comment "${COMMENT}"`;

/**
 * Does something to a host without cutting its open connections.
 *
 * The kernel takes a connection that it has not followed so far for a new one, and redirects it in its middle: the
 * SSH session of whoever runs this first of all. So it is made to follow them first, by a rule that only looks, until
 * each of them has spoken in both directions.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/Documentation/networking/nf_conntrack-sysctl.rst
 */
export async function followingConnections<T>(
  kernel: Kernel,
  { settleMs, signal }: { readonly settleMs: number; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  await forgetFollowing(kernel); // of a run that was killed
  await change(kernel, '-A');
  try {
    await sleep(settleMs, undefined, { signal });
    return await work();
  } finally {
    await forgetFollowing(kernel);
  }
}

/** Takes the rule away; nothing there is fine. */
export async function forgetFollowing(kernel: Kernel): Promise<void> {
  await change(kernel, '-D');
}

/** In both families; one that the kernel lacks has no connections. */
async function change(kernel: Kernel, verb: '-A' | '-D'): Promise<void> {
  const input = `*mangle\n${verb} OUTPUT ${RULE}\nCOMMIT\n`;
  const families = (['ipv4', 'ipv6'] as const).map((family) =>
    iptables(kernel, { family, verb: 'restore', args: RESTORE_ARGS, input }),
  );
  const [ipv4] = await Promise.allSettled(families);
  if (verb === '-A' && ipv4?.status === 'rejected') throw ipv4.reason;
}

/** Whether a run that was killed has left it. */
export function isFollowed(tables: SavedTables): boolean {
  return foreignRules(tables).some(({ text }) => isAboutFollowing(text));
}

/** Whether a rule, or a warning of one, is that of `followingConnections`. */
export function isAboutFollowing(text: string): boolean {
  return text.includes(COMMENT);
}
