import { type AttachmentRecord } from '../../cni/attachment.ts';
import { type Applied } from '../../cni/kernel/apply.ts';
import { type Inspection } from '../../cni/kernel/inspect.ts';
import { makeNetns } from '../../cni/kernel/ownnetns.ts';
import { openSession } from '../../cni/kernel/session.ts';
import { type Rulesets } from '../../cni/kernel/attempt.ts';
import { compare, renderDifference } from '../../cni/rules/compare.ts';
import { CniError } from '../../cni/spec/error.ts';
import { couldNotTell } from '../command.ts';
import { type Step } from './pure.ts';

/** What came of the rules in a netns that is gone by now. */
export type Applying =
  { readonly applied: Applied; readonly found: Inspection } | { readonly failure: CniError };

export interface Options {
  readonly toolsDir: string | undefined;
  readonly backend: 'auto' | 'iptables-nft' | 'iptables-legacy';
  readonly timeoutMs?: number;
}

/**
 * Programs a netns that is made for this, and removed with all that is in it.
 *
 * @throws {CommandError} `unknown` when none can be made
 */
export async function applyInScratch(rules: Rulesets, options: Options): Promise<Applying> {
  const { toolsDir, backend, timeoutMs = 20_000 } = options;
  const netns = await makeNetns(toolsDir).catch((cause: unknown) => {
    throw couldNotTell('cannot replay without a netns to do it in: run this as root', cause);
  });
  try {
    const deadlineAt = performance.now() + timeoutMs;
    const session = await openSession(netns.path, { backend, toolsDir, deadlineAt });
    try {
      const applied = await session.apply(rules);
      return { applied, found: await session.inspect() };
    } finally {
      session.close();
    }
  } catch (error) {
    return { failure: CniError.from(error) };
  } finally {
    await netns.close();
  }
}

/** What the kernel made of the rules, against the record's; families that were not programmed then are not looked at. */
export function kernelStep(
  { families }: Pick<AttachmentRecord, 'families'>,
  rules: Rulesets,
  { applied, found }: Extract<Applying, { readonly applied: Applied }>,
): Step {
  const was = families.join('+') || 'nothing';
  const differences = applied.families.flatMap((family) => {
    const difference = compare(rules[family], found[family].tables);
    return difference ? [`${family}: ${renderDifference(difference)}`] : [];
  });
  const now = applied.families.join('+');
  const same = was === now && differences.length === 0;
  return { name: 'kernel', was, now: [now, ...differences].join('; '), same };
}
