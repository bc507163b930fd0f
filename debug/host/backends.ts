import { ExecError } from '../../cni/kernel/exec.ts';
import { execInNetns, type Kernel } from '../../cni/kernel/kernel.ts';
import { readTables } from '../../cni/kernel/read.ts';
import { removeRules } from '../../cni/kernel/remove.ts';
import { type Backend, findProgram, needProgram, programOf } from '../../cni/kernel/tools.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { hasOurs } from '../../cni/rules/ours.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';
import { couldNotTell } from '../command.ts';
import { forgetFollowing, isFollowed } from './follow.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
export const BACKENDS: readonly Backend[] = ['iptables-nft', 'iptables-legacy'];

/** What of us one backend holds, be it only the rule of a run that was killed. */
export interface Held {
  readonly kernel: Kernel;
  readonly tables: Readonly<Record<Family, SavedTables>>;
}

export interface Elsewhere {
  readonly held: Held | undefined;
  /** What could not be looked at. */
  readonly warnings: readonly string[];
}

/**
 * Looks into the other backend than the kernel's; what it lacks holds nothing. Changes nothing.
 *
 * @throws {CommandError} `unknown`
 */
export async function lookElsewhere(opened: Kernel): Promise<Elsewhere> {
  const backend = BACKENDS.find((each) => each !== opened.tools.backend) ?? 'iptables-legacy';
  const kernel = inBackend(opened, backend);
  try {
    const there = backend === 'iptables-legacy' ? await legacyFamilies(kernel) : FAMILIES;
    const unseen = there.filter((family) => !canRead(kernel, family));
    const tablesOf = async (family: Family): Promise<SavedTables> =>
      there.includes(family) && !unseen.includes(family) ? read(kernel, family) : [];
    const held = { kernel, tables: { ipv4: await tablesOf('ipv4'), ipv6: await tablesOf('ipv6') } };
    const isHeld = holdsOurs(held) || isFollowed(allOf(held));
    const isBlind = backend === 'iptables-legacy' && unseen.length > 0;
    const warnings = isBlind
      ? [`${backend} has tables here, and no program to look into them`]
      : [];
    return { held: isHeld ? held : undefined, warnings };
  } catch (cause) {
    throw couldNotTell(`cannot look for rules of a mesh in ${backend}`, cause);
  }
}

/** Takes away what a backend holds of us. Routes and addresses stay: the rules of another may need them. */
export async function clear(held: Held): Promise<void> {
  for (const family of FAMILIES) {
    if (hasOurs(held.tables[family])) await removeRules(held.kernel, family);
  }
  if (isFollowed(allOf(held))) await forgetFollowing(held.kernel);
}

export function holdsOurs(held: Held | undefined): held is Held {
  return held !== undefined && hasOurs(allOf(held));
}

export function inBackend(kernel: Kernel, backend: Backend): Kernel {
  return { ...kernel, tools: { ...kernel.tools, backend } };
}

function allOf({ tables: { ipv4, ipv6 } }: Held): SavedTables {
  return [...ipv4, ...ipv6];
}

function canRead({ tools: { backend, place } }: Kernel, family: Family): boolean {
  return findProgram(programOf(backend, family, 'save'), place) !== undefined;
}

/** Legacy tables come into being when they are looked at. A shell reads, since /proc shows a netns to those in it alone. */
async function legacyFamilies(kernel: Kernel): Promise<Family[]> {
  const script =
    'for each in ip ip6; do file=/proc/net/"$each"_tables_names; [ ! -e "$file" ] || ' +
    'while read -r table; do echo "$each"; done < "$file"; done';
  const sh = needProgram('sh', kernel.tools.place);
  const there = new Set((await execInNetns(kernel, [...sh, '-c', script], '')).stdout.split('\n'));
  return FAMILIES.filter((family) => there.has(family === 'ipv4' ? 'ip' : 'ip6'));
}

/** A kernel without nftables, or without IPv6, holds nothing in them. */
async function read(kernel: Kernel, family: Family): Promise<SavedTables> {
  try {
    return await readTables(kernel, family);
  } catch (error) {
    if (error instanceof ExecError && /not supported|initialize nft/.test(error.stderr)) return [];
    throw error;
  }
}
