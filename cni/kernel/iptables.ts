import { type Family } from '../redirect/cidrs.ts';
import { ExecError, type Output } from './exec.ts';
import { execInNetns, type Kernel } from './kernel.ts';
import { needProgram, programOf } from './tools.ts';

/** Of a restore, behind which nothing of others is flushed. */
export const RESTORE_ARGS = ['--wait', '5', '--noflush'] as const;

/**
 * Runs a program of iptables in the netns.
 *
 * Legacy iptables takes a lock file; the netns itself serves as one, so that nobody outside waits for us nor we for them.
 *
 * A restore that fails is run once more from inside the user namespace that owns the netns, if that is not ours (a pod
 * with `hostUsers: false`): the kernel refuses `-m owner` to everybody else. Reading it refuses to nobody.
 *
 * @throws {ExecError} also when the program is not there
 * @see https://github.com/torvalds/linux/blob/v6.12/net/netfilter/xt_owner.c
 */
export async function iptables(
  kernel: Kernel,
  {
    family,
    verb,
    args,
    input,
  }: { family: Family; verb: 'restore' | 'save'; args: readonly string[]; input: string },
): Promise<Output> {
  const name = programOf(kernel.tools.backend, family, verb);
  const program = [...needProgram(name, kernel.tools.place), ...args];
  try {
    return await execInNetns(kernel, program, input);
  } catch (refusal) {
    if (verb !== 'restore' || !(refusal instanceof ExecError)) throw refusal;
    const { execInside } = await import('./userns.ts');
    return execInside(kernel, { program, input, refusal });
  }
}
