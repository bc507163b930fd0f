import { closeNetns } from '../../cni/kernel/netns.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { causes } from '../../cni/spec/error.ts';
import { type Expected, type PodState } from '../census/finding.ts';
import { type PodNetns } from '../census/netns/locate.ts';
import { type Pod } from '../pod.ts';
import { type Connections } from './connections/connections.ts';
import { type Passing, passing, renderPassing } from './connections/passing.ts';
import { curable, sentenceOf } from './curable.ts';
import { type Places, redirectInPlace } from './inplace.ts';
import { type Done } from './record.ts';
import { GONE, LATER, type Patient, type Result, type Treatment } from './treatment.ts';

export interface MendOptions {
  readonly locate: (pod: Pod) => Promise<PodNetns | undefined>;
  /** Reads it anew; undefined: the pod is gone. */
  readonly look: (pod: Pod) => Promise<PodState | undefined>;
  /** The node's; undefined until it is chosen. */
  readonly backend: () => Backend | undefined;
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  /** @throws {Error} where connections cannot be looked at */
  readonly connections: () => Connections;
  readonly cutConnections: boolean;
  /** Writes down what was done. Never throws. */
  readonly record: (done: Done) => void;
}

/** Programs the rules in the running pod, and reads them back twice: as an ADD does, and as the census does. */
export function createMend(options: MendOptions): Treatment {
  return async (patient) => {
    const { pod, state } = patient;
    const places = placesFor(state, options.backend());
    if (state.expected.action !== 'redirect') return GONE;
    if (places === undefined) return LATER;
    const found = await options.locate(pod);
    if (!found) return GONE;
    const why = sentenceOf(curable(state));
    try {
      const passed = await redirect(patient, { found, places, expected: state.expected }, options);
      const after = await options.look(pod);
      if (!after || after.actual === 'absent') return GONE;
      // Somebody else is at it, e.g. another agent during an upgrade: what it ends in is looked at again.
      if (after.findings.some(({ kind }) => kind === 'unknown')) return LATER;
      const left = curable(after);
      return left.length === 0
        ? repaired(why, renderPassing(passed))
        : failed(sentenceOf(left), undefined);
    } catch (error) {
      return failed(why, error);
    } finally {
      closeNetns(found.netns);
    }
  };
}

interface Operation {
  readonly found: PodNetns;
  readonly places: Places;
  readonly expected: Extract<Expected, { action: 'redirect' }>;
}

async function redirect(
  { pod }: Patient,
  { found, places, expected }: Operation,
  { toolsDir, connections, cutConnections, record }: MendOptions,
): Promise<Passing> {
  const startedAt = new Date().toISOString();
  const { proxyUid } = expected.decision.plan;
  let passed: Passing = { how: 'unseen', why: 'nobody has looked' };
  await redirectInPlace(found.netns, expected.rules, {
    ...places,
    toolsDir,
    before: () => {
      if (cutConnections) return;
      passed = passing(() => ({
        how: 'kept',
        connections: connections().keep(found.netns, proxyUid),
      }));
    },
    after: (applied, backend) => {
      if (cutConnections) passed = passing(() => connections().cut(found.netns, proxyUid));
      record({ pod, found, expected, applied, backend, startedAt });
    },
  });
  return passed;
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

function repaired(why: string, passed: string): Result {
  const now = 'its traffic is redirected now, as read back from the kernel';
  const message = [now, passed, `before: ${why}`].filter(Boolean).join('; ');
  return { outcome: 'done', event: { type: 'Normal', reason: 'RedirectionRepaired', message } };
}

function failed(why: string, error: unknown): Result {
  const said = error instanceof Error ? [error.message, ...causes(error)] : [];
  const message = ['its traffic cannot be redirected', why, ...said].join(': ');
  const event = { type: 'Warning', reason: 'RedirectionRepairFailed', message } as const;
  return { outcome: 'failed', event, error };
}
