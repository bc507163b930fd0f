import { type Family } from '../redirect/cidrs.ts';
import { hasOurs } from '../rules/ours.ts';
import { renderRemove } from '../rules/restore.ts';
import { type SavedTables } from '../rules/saved.ts';
import { CniError, ErrorCode } from '../spec/error.ts';
import { ExecError } from './exec.ts';
import { iptables, RESTORE_ARGS } from './iptables.ts';
import { type Kernel } from './kernel.ts';
import { readTables } from './read.ts';
import { removeRoutes } from './routes.ts';

/**
 * Removes every rule, chain, route and address of ours in both families, and looks that none is left.
 *
 * @throws {AggregateError} when something is left, or cannot be looked at
 */
export async function removeAll(kernel: Kernel): Promise<void> {
  const steps = [
    () => removeRules(kernel, 'ipv4'),
    () => removeRules(kernel, 'ipv6'),
    () => removeRoutes(kernel, 'ipv4'),
    () => removeRoutes(kernel, 'ipv6'),
  ];
  const causes: unknown[] = [];
  // One by one: what brought us here may be that there are not enough file descriptors or processes.
  for (const step of steps) {
    try {
      await step();
    } catch (cause) {
      causes.push(cause);
    }
  }
  if (causes.length > 0) throw new AggregateError(causes, 'cannot undo');
}

/**
 * @returns whether there were any
 * @throws {Error} when some are left, or cannot be looked at
 */
export async function removeRules(kernel: Kernel, family: Family): Promise<boolean> {
  const found = await readIfSupported(kernel, family);
  if (!hasOurs(found)) return false;
  await iptables(kernel, {
    family,
    verb: 'restore',
    args: RESTORE_ARGS,
    input: renderRemove(found),
  });
  const left = await readTables(kernel, family);
  if (hasOurs(left)) throw new Error(`cannot remove all ${family} rules: some are still there`);
  return true;
}

/** What a kernel or a tool box without IPv6 tables holds in them is nothing. */
async function readIfSupported(kernel: Kernel, family: Family): Promise<SavedTables> {
  try {
    return await readTables(kernel, family);
  } catch (error) {
    if (family === 'ipv6' && isUnsupported(error)) return [];
    throw error;
  }
}

function isUnsupported(error: unknown): boolean {
  if (error instanceof CniError) return error.code === ErrorCode.noBackend;
  return (
    error instanceof ExecError &&
    /not supported|Table does not exist|can't initialize/.test(error.stderr)
  );
}
