import { parsePod, type PodFacts } from '../../cni/redirect/pod.ts';
import { isJsonObject } from '../../cni/spec/json.ts';
import { type Configured, type Explanation, explainPod } from '../explain/explanation.ts';
import { parseManifest, type Workload } from './documents.ts';

/** What would become of the pods of one object. */
export interface Simulated {
  readonly kind: string;
  readonly name: string;
  readonly explanation: Explanation;
}

/** What a manifest holds, as far as it makes pods. */
export interface Simulation {
  readonly pods: readonly Simulated[];
  /** What makes no pod: `Service web` */
  readonly passedOver: readonly string[];
}

export interface SimulateOptions extends Configured {
  /** For objects that name none. */
  readonly namespace: string;
}

/**
 * What an ADD would do with each pod that a manifest makes. Depends on nothing but its arguments.
 *
 * @throws {SyntaxError | TypeError} for what is no manifest
 */
export async function simulate(text: string, options: SimulateOptions): Promise<Simulation> {
  const workloads = parseManifest(text);
  const pods: Simulated[] = [];
  for (const workload of workloads) {
    if (!workload.pod) continue;
    const pod = factsOf(workload, options.namespace);
    const { kind, name } = workload;
    pods.push({ kind, name, explanation: await explainPod(pod, options, { by: 'manifest' }) });
  }
  const others = workloads.filter(({ pod }) => !pod);
  return { pods, passedOver: others.map(({ kind, name }) => `${kind} ${name}`.trim()) };
}

function factsOf({ kind, name, pod }: Workload, namespace: string): PodFacts {
  const metadata = isJsonObject(pod?.metadata) ? pod.metadata : {};
  try {
    return parsePod({
      ...pod,
      metadata: { ...metadata, namespace: metadata.namespace ?? namespace },
    });
  } catch (cause) {
    throw new TypeError(`cannot read the pod of ${kind} "${name}"`, { cause });
  }
}
