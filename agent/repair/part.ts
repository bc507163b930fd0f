import { dirname } from 'node:path';
import { type Logger } from 'pino';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type Api } from '../api.ts';
import { loadLibc } from '../census/look/libc.ts';
import { type PodState } from '../census/finding.ts';
import { createLocate } from '../census/netns/locate.ts';
import { createRecords } from '../census/records.ts';
import { type AgentConfig } from '../config.ts';
import { type Metrics } from '../metrics.ts';
import { type Pod } from '../pod.ts';
import { type Recorder } from '../podevents/recorder.ts';
import { createAttempts } from './attempts.ts';
import { type Connections, connectionsBy } from './connections/connections.ts';
import { createEvict } from './evict.ts';
import { createLabel, createUnlabel } from './label.ts';
import { createMend, type MendOptions } from './mend.ts';
import { observe } from './observe.ts';
import { recordRepair } from './record.ts';
import { createRepair, type Repair, type RepairOptions } from './repair.ts';

export interface PartOptions {
  readonly config: AgentConfig;
  readonly api: Pick<Api, 'get' | 'write'>;
  readonly pods: () => readonly Pod[];
  readonly backend: () => Backend | undefined;
  /** Reads a pod's netns now. */
  readonly lookAgain: (uid: string) => Promise<PodState | undefined>;
  readonly tell: Recorder['tell'];
  readonly keep: RepairOptions['keep'];
  readonly metrics: Pick<Metrics, 'repairs'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The repair as a part of the agent. */
export function repairOf(options: PartOptions): Repair {
  const { config, api, pods, log, signal } = options;
  const podOf = (uid: string): Pod | undefined =>
    pods().find(({ metadata }) => metadata.uid === uid);
  const look: MendOptions['look'] = async ({ metadata: { uid } }) =>
    podOf(uid) && options.lookAgain(uid);
  return createRepair({
    ...options,
    mode: config.repair.mode,
    treatments: {
      repair: createMend(mendOptions({ ...options, podOf, look })),
      delete: createEvict({ api, signal }),
      label: createLabel({ api, signal }),
      observe,
    },
    podOf,
    look,
    onRight: createUnlabel({ api, signal }),
    attempts: createAttempts(),
    log,
  });
}

function mendOptions({
  config,
  backend,
  podOf,
  look,
  log,
}: PartOptions & {
  readonly podOf: (uid: string) => Pod | undefined;
  readonly look: MendOptions['look'];
}): MendOptions {
  const { stateDir, toolsDir, census, install, repair } = config;
  const { resultsDir, procDir } = census;
  const records = createRecords(stateDir);
  const directories = [stateDir, install.binDir, dirname(process.execPath), '/run', '/tmp'];
  let connections: Connections | undefined;
  return {
    locate: (pod) => createLocate({ records, resultsDir, procDir })(pod),
    look,
    backend,
    toolsDir,
    connections: () => (connections ??= connectionsBy(loadLibc(directories))),
    cutConnections: repair.cutConnections,
    record: (done) => {
      const { uid } = done.pod.metadata;
      try {
        const isThere = (): boolean => podOf(uid) !== undefined;
        recordRepair(done, { stateDir, resultsDir, isThere });
      } catch (err) {
        log.warn({ err }, 'a repair is not recorded');
      }
    },
  };
}
