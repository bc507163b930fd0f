import {
  type ActualState,
  type CensusPod,
  type Finding,
  type FoundNetns,
  type PodState,
} from './finding.ts';

/** What a census found, as the agent's socket tells it. */
export interface CensusReport {
  /** RFC 3339. */
  readonly at: string;
  readonly seconds: number;
  /** By namespace and name. */
  readonly pods: readonly ReportedPod[];
}

export interface ReportedPod extends CensusPod {
  readonly expected: PodState['expected']['action'];
  /** Why the pod is left alone, or why it cannot be told. */
  readonly reason: string | undefined;
  readonly actual: ActualState;
  readonly findings: readonly Finding[];
  readonly netns: FoundNetns | undefined;
}

export function reportOf(
  states: readonly PodState[],
  seconds: number,
  now = new Date(),
): CensusReport {
  const pods = states.map(reportedPod).sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  return { at: now.toISOString(), seconds, pods };
}

function reportedPod({ pod, expected, actual, findings, netns }: PodState): ReportedPod {
  return { ...pod, expected: expected.action, reason: reasonOf(expected), actual, findings, netns };
}

function reasonOf(expected: PodState['expected']): string | undefined {
  switch (expected.action) {
    case 'redirect':
      return undefined;
    case 'skip':
      return expected.reason;
    case 'unknown':
      return expected.why;
  }
}

function nameOf({ namespace, name }: CensusPod): string {
  return `${namespace}/${name}`;
}
