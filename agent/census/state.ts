import { causes } from '../../cni/spec/error.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { closeNetns } from '../../cni/kernel/netns.ts';
import { type Pod } from '../pod.ts';
import { appFindings } from './apps.ts';
import { expectedOf } from './expected.ts';
import {
  ACTUALS,
  type ActualState,
  type CensusPod,
  type Evidence,
  type Expected,
  type PodState,
} from './finding.ts';
import { netnsFindings } from './findings.ts';
import { type Eyes } from './look/look.ts';
import { type Locate, type PodNetns } from './netns/locate.ts';
import { withSentence } from './sentences.ts';

export interface StateOptions {
  readonly locate: Locate;
  readonly eyes: Pick<Eyes, 'look'>;
  /** The node's backend; undefined while none is chosen. */
  readonly backend: Backend | undefined;
  /** Undefined: the plugin's default. */
  readonly excludeNamespaces?: readonly string[] | undefined;
  /** Undefined: as its ADD has decided, or one would now. */
  readonly expected?: typeof expectedOf | undefined;
}

/** Reads one pod's netns back. Never rejects: what cannot be found out is a finding. */
export async function podState(pod: Pod, options: StateOptions): Promise<PodState> {
  try {
    return await stateOf(pod, options);
  } catch (error) {
    // A disk that fails, say: the agent must go on serving what it knows.
    const why = reasonOf(error);
    return {
      pod: identityOf(pod),
      expected: { action: 'unknown', why },
      actual: 'unknown',
      findings: [withSentence({ kind: 'unknown', why })],
      netns: undefined,
    };
  }
}

async function stateOf(pod: Pod, options: StateOptions): Promise<PodState> {
  const located = await options.locate(pod);
  try {
    const { expected: expect = expectedOf, excludeNamespaces } = options;
    const expected = await expect(pod, located?.record, excludeNamespaces);
    const evidence = await evidenceOf(pod, { ...options, expected, located });
    return {
      pod: identityOf(pod),
      expected,
      actual: actualOf(expected, located, evidence),
      findings: evidence.map(withSentence),
      netns: located && {
        path: located.netns.path,
        inode: located.netns.inode,
        source: located.source,
      },
    };
  } finally {
    if (located) closeNetns(located.netns);
  }
}

function identityOf({ metadata: { namespace, name, uid } }: Pod): CensusPod {
  return { namespace, name, uid };
}

interface Seen extends Pick<StateOptions, 'eyes' | 'backend'> {
  readonly expected: Expected;
  readonly located: PodNetns | undefined;
}

async function evidenceOf(
  pod: Pod,
  { expected, located, eyes, backend = 'iptables-nft' }: Seen,
): Promise<Evidence[]> {
  if (!located) return missing(pod);
  if (isBeingAdded(located)) return [];
  try {
    const holdings = await eyes.look(located.netns);
    return [...netnsFindings(expected, holdings, backend), ...appFindings(pod, expected)];
  } catch (error) {
    return [{ kind: 'unknown', why: reasonOf(error) }];
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? [error.message, ...causes(error)].join(': ') : String(error);
}

/** Pods that have not started yet, or have ended, have none; those with the host's are none of our business. */
function missing({ spec, status, metadata }: Pod): Evidence[] {
  const shouldHave =
    status.phase === 'Running' && metadata.deletionTimestamp === undefined && !spec.hostNetwork;
  return shouldHave ? [{ kind: 'unknown', why: 'its netns is not to be found on this node' }] : [];
}

/** As long as a runtime gives an ADD at most. */
const ADD_MS = 240_000;

/** The plugin writes its record before it touches the kernel, and completes it afterwards. */
function isBeingAdded({ record }: PodNetns): boolean {
  return record?.outcome === 'pending' && Date.now() - Date.parse(record.startedAt) < ADD_MS;
}

/** The worst that was found, by the order of `ACTUALS`. */
function actualOf(
  expected: Expected,
  located: PodNetns | undefined,
  evidence: readonly Evidence[],
): ActualState {
  if (!located) return evidence.length > 0 ? 'unknown' : 'absent';
  const worst = evidence.map(({ kind }) => STATES[kind]);
  const found = ACTUALS.find((state) => worst.includes(state));
  return found ?? (expected.action === 'redirect' ? 'redirected' : 'un-redirected');
}

const STATES: Readonly<Record<Evidence['kind'], ActualState | undefined>> = {
  'un-redirected': 'un-redirected',
  'partly-redirected': 'partly-redirected',
  drifted: 'drifted',
  'redirected-unexpectedly': 'redirected',
  doubled: 'doubled',
  'foreign-in-front': 'drifted',
  'ipv6-leak': 'partly-redirected',
  'proxy-uid-app': undefined,
  unknown: 'unknown',
};
