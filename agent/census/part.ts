import { dirname } from 'node:path';
import { type Logger } from 'pino';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type AgentConfig } from '../config.ts';
import { type Metrics } from '../metrics.ts';
import { type Pod } from '../pod.ts';
import { type Census, createCensus } from './census.ts';
import { ACTUALS, type PodState } from './finding.ts';
import { type Eyes, openEyes } from './look/look.ts';
import { openSlowEyes } from './look/slow.ts';
import { createLocate } from './netns/locate.ts';
import { createRecords } from './records.ts';
import { type CensusReport } from './report.ts';

export interface PartOptions {
  readonly config: AgentConfig;
  readonly pods: () => readonly Pod[];
  readonly backend: () => Backend | undefined;
  readonly metrics: Pick<Metrics, 'pods' | 'censusSeconds'>;
  readonly log: Logger;
  readonly onStates: (states: readonly PodState[]) => void;
}

/** The census as a part of the agent: counted, and told in its log. */
export function censusOf(options: PartOptions): Census {
  const { config, pods, backend, metrics, log, onStates } = options;
  const { stateDir, toolsDir, census, install } = config;
  const records = createRecords(stateDir);
  return createCensus({
    pods,
    backend,
    excludeNamespaces: config.excludeNamespaces,
    eyes: eyesOf([stateDir, install.binDir, dirname(process.execPath), '/run', '/tmp'], {
      toolsDir,
      log,
    }),
    createLocate: () =>
      createLocate({ records, resultsDir: census.resultsDir, procDir: census.procDir }),
    periodMs: census.seconds * 1_000,
    onState: (state, before) => {
      tell(state, before, log);
    },
    onStates,
    onReport: (report) => {
      count(report, metrics);
    },
  });
}

/** A node may be so hardened that nothing can be mapped from anywhere: the same is seen then, at a price. */
function eyesOf(directories: readonly string[], { toolsDir, log }: EyesOptions): Eyes {
  try {
    return openEyes(directories, { toolsDir });
  } catch (err) {
    log.warn({ err }, 'no system call can be made: each look at a pod starts some six programs');
    return openSlowEyes({ toolsDir });
  }
}

interface EyesOptions extends Pick<PartOptions, 'log'> {
  readonly toolsDir: string | undefined;
}

/** One line for each new finding, and one when the last is gone. */
function tell(state: PodState, before: PodState | undefined, log: Logger): void {
  const known = new Set(before?.findings.map(({ sentence }) => sentence));
  const { pod, netns } = state;
  for (const { sentence, ...evidence } of state.findings) {
    if (!known.has(sentence)) log.warn({ pod, netns, finding: evidence }, sentence);
  }
  if (known.size > 0 && state.findings.length === 0 && state.actual !== 'absent') {
    log.info({ pod }, 'the pod is as it should be');
  }
}

function count({ pods, seconds }: CensusReport, metrics: PartOptions['metrics']): void {
  metrics.censusSeconds.observe(seconds);
  for (const expected of ['redirect', 'skip', 'unknown'] as const) {
    for (const actual of ACTUALS) {
      const counted = pods.filter((pod) => pod.expected === expected && pod.actual === actual);
      metrics.pods.set({ expected, actual }, counted.length);
    }
  }
}
