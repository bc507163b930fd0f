import { type Inspection } from '../../cni/kernel/inspect.ts';
import { type Kernel } from '../../cni/kernel/kernel.ts';
import { removeAll } from '../../cni/kernel/remove.ts';
import { compare, renderDifference } from '../../cni/rules/compare.ts';
import { foreignRules, hasOurs } from '../../cni/rules/ours.ts';
import { CommandError, ExitCode, type Place } from '../command.ts';
import { forgetFollowing, isAboutFollowing } from './follow.ts';
import { inspectHost } from './netns.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type HostRecord, readHostRecord, removeHostRecord } from './state.ts';
import { type HostState, type HostValue } from './told.ts';

const BACKENDS: readonly Backend[] = ['iptables-nft', 'iptables-legacy'];

/** What the host holds, against what was applied. */
export async function showHost(kernel: Kernel, { stateDir }: Place): Promise<HostValue> {
  const record = readHostRecord(stateDir, kernel.netns.inode);
  const applied = withBackend(kernel, record);
  const { state, summary } = standing(record, await inspectHost(applied));
  return valueOf(applied, { state, summary, record });
}

/** Takes away all that is ours; nothing there is fine. @throws {CommandError} `problem` when something is left */
export async function removeFromHost(opened: Kernel, { stateDir }: Place): Promise<HostValue> {
  const { inode } = opened.netns;
  const kernel = withBackend(opened, readHostRecord(stateDir, inode));
  const found = await inspectHost(kernel);
  const was = hasOurs(found.ipv4.tables) || hasOurs(found.ipv6.tables);
  try {
    await removeAll(kernel);
    if (isFollowed(found)) await forgetFollowing(kernel);
  } catch (cause) {
    throw new CommandError(ExitCode.problem, 'cannot remove all that was redirected', { cause });
  }
  await removeHostRecord(stateDir, inode);
  const summary = was ? 'the host is not redirected any more' : 'the host was not redirected';
  return valueOf(kernel, { state: 'none', summary, record: undefined });
}

/** By a run that was killed. */
function isFollowed({ ipv4, ipv6 }: Inspection): boolean {
  return foreignRules([...ipv4.tables, ...ipv6.tables]).some(({ text }) => isAboutFollowing(text));
}

/** The one that holds the rules, whichever would be chosen now. */
function withBackend(kernel: Kernel, record: HostRecord | undefined): Kernel {
  const backend = BACKENDS.find((each) => each === record?.backend) ?? kernel.tools.backend;
  return { ...kernel, tools: { ...kernel.tools, backend } };
}

function standing(
  record: HostRecord | undefined,
  found: Inspection,
): { readonly state: HostState; readonly summary: string } {
  const isThere = hasOurs(found.ipv4.tables) || hasOurs(found.ipv6.tables);
  if (!record) {
    if (!isThere) return { state: 'none', summary: 'the host is not redirected' };
    return {
      state: 'unrecorded',
      summary: 'rules of a mesh are there that were not recorded here',
    };
  }
  if (!isThere) {
    const summary = 'the rules are gone, by a reboot or by somebody: apply them again';
    return { state: 'gone', summary };
  }
  const [difference] = record.families.flatMap((family) => {
    const one = compare(record.rules[family], found[family].tables);
    return one ? [`${family}: ${renderDifference(one)}`] : [];
  });
  return difference === undefined
    ? { state: 'redirected', summary: `the host is redirected since ${record.appliedAt}` }
    : {
        state: 'different',
        summary: `the host is redirected otherwise than was applied: ${difference}`,
      };
}

function valueOf(
  { netns: { path, inode }, tools: { backend } }: Kernel,
  { state, summary, record }: { state: HostState; summary: string; record: HostRecord | undefined },
): HostValue {
  return {
    state,
    summary,
    netns: { path, inode },
    backend,
    families: record?.families ?? [],
    addresses: record?.addresses ?? [],
    settings: record?.settings ?? [],
    warnings: [],
    rules: undefined,
    appliedAt: record?.appliedAt,
  };
}
