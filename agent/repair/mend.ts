import { closeNetns } from '../../cni/kernel/netns.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { causes } from '../../cni/spec/error.ts';
import { type PodState } from '../census/finding.ts';
import { type PodNetns } from '../census/netns/locate.ts';
import { type Pod } from '../pod.ts';
import { curable, sentenceOf } from './curable.ts';
import { type Places, redirectInPlace } from './inplace.ts';
import { GONE, type Result, type Treatment } from './treatment.ts';

export interface MendOptions {
  readonly locate: (pod: Pod) => Promise<PodNetns | undefined>;
  /** Reads it anew; undefined: the pod is gone. */
  readonly look: (pod: Pod) => Promise<PodState | undefined>;
  /** The node's; undefined until it is chosen. */
  readonly backend: () => Backend | undefined;
  readonly toolsDir: string | undefined;
}

/** Programs the rules in the running pod, and reads them back twice: as an ADD does, and as the census does. */
export function createMend(options: MendOptions): Treatment {
  return async ({ pod, state }) => {
    const { expected } = state;
    const places = placesFor(state, options.backend());
    if (places === undefined || expected.action !== 'redirect') return GONE;
    const found = await options.locate(pod);
    if (!found) return GONE;
    const why = sentenceOf(curable(state));
    try {
      await redirectInPlace(found.netns, expected.rules, { ...places, toolsDir: options.toolsDir });
    } catch (error) {
      return failed(why, error);
    } finally {
      closeNetns(found.netns);
    }
    const after = await options.look(pod);
    if (!after || after.actual === 'absent') return GONE;
    const left = curable(after);
    return left.length === 0 ? repaired(why) : failed(sentenceOf(left), undefined);
  };
}

/** Where the pod's ADD has put its rules, unless it is there that they are too many. */
function placesFor(
  { expected, findings }: PodState,
  chosen: Backend | undefined,
): Places | undefined {
  const doubled = findings.find((finding) => finding.kind === 'doubled')?.backend;
  if (doubled !== undefined) return { backend: otherThan(doubled), doubled };
  const added = expected.action === 'redirect' ? expected.added?.backend : undefined;
  const backend = added === 'iptables-nft' || added === 'iptables-legacy' ? added : chosen;
  return backend && { backend, doubled };
}

function otherThan(backend: Backend): Backend {
  return backend === 'iptables-nft' ? 'iptables-legacy' : 'iptables-nft';
}

function repaired(why: string): Result {
  const message = `its traffic is redirected now, as read back from the kernel; before: ${why}`;
  return { outcome: 'done', event: { type: 'Normal', reason: 'RedirectionRepaired', message } };
}

function failed(why: string, error: unknown): Result {
  const said = error instanceof Error ? [error.message, ...causes(error)] : [];
  const message = ['its traffic cannot be redirected', why, ...said].join(': ');
  const event = { type: 'Warning', reason: 'RedirectionRepairFailed', message } as const;
  return { outcome: 'failed', event, error };
}
