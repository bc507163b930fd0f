import { parsePod, type PodFacts } from '../../cni/redirect/pod.ts';
import { isJsonObject } from '../../cni/spec/json.ts';
import { argumentsOf, compareWithInit, type Comparison } from './against.ts';
import { type Configured, type Explanation, explainPod } from '../explain/explanation.ts';
import { parseManifest, type Workload } from './documents.ts';
import { explainInjected } from './injected.ts';

/** What would become of the pods of one object. */
export interface Simulated {
  readonly kind: string;
  readonly name: string;
  readonly explanation: Explanation;
  /** What would become of it with a sidecar, as far as the manifest tells; undefined where that is not what is missing. */
  readonly injected?: Explanation;
  /** Undefined unless asked for; where there is nothing to compare, it says why. */
  readonly init?: Comparison | { readonly nothing: string };
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
  readonly against: 'init' | undefined;
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
    const explanation = await explainPod(pod, options, { by: 'manifest' });
    const injected = await explainInjected(pod, explanation, options);
    const init = options.against && (await compared(pod, explanation));
    pods.push({ kind, name, explanation, ...(injected && { injected }), ...(init && { init }) });
  }
  const others = workloads.filter(({ pod }) => !pod);
  return { pods, passedOver: others.map(({ kind, name }) => `${kind} ${name}`.trim()) };
}

async function compared(pod: PodFacts, { verdict }: Explanation): Promise<Simulated['init']> {
  if (verdict === 'would-fail') return { nothing: 'it would be refused' };
  const comparison = await compareWithInit(pod);
  if (comparison) return comparison;
  return {
    nothing: argumentsOf(pod)
      ? 'without istio-init, nothing would be redirected here'
      : 'it has neither an istio-init nor an istio-validation container with its arguments',
  };
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
