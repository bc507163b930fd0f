import { type Container, type PodFacts } from './pod.ts';
import { type Said } from './settings.ts';

/** Injected to check what the plugin did, so it says what the proxy listens on. */
const VALIDATION = 'istio-validation';

/** What an annotation says. */
export function annotation({ annotations }: PodFacts, key: string): Said | undefined {
  const text = annotations[key];
  return text === undefined ? undefined : { source: `annotation ${key}`, text };
}

/** What a label says, else the annotation of the same name. */
export function labelOrAnnotation(pod: PodFacts, key: string): Said | undefined {
  const text = pod.labels[key];
  return text === undefined ? annotation(pod, key) : { source: `label ${key}`, text };
}

/** What an environment variable of a container says. */
export function variable({ name, env }: Container, key: string): Said | undefined {
  const found = env.find((candidate) => candidate.name === key);
  return found && { source: `env ${key} of container ${name}`, text: found.value };
}

/**
 * What an argument of the container that checks the redirection says, in its short form or its long one:
 * `-p 15001`, `-p=15001`, `-p15001`, `--envoy-port 15001`, `--envoy-port=15001`. The last one counts.
 */
export function argument({ containers }: PodFacts, short: string, long: string): Said | undefined {
  const args = containers.find(({ name }) => name === VALIDATION)?.args ?? [];
  const texts = args.flatMap((arg, i) => {
    if (arg === short || arg === long) return [args[i + 1] ?? ''];
    if (arg.startsWith(`${long}=`)) return [arg.slice(long.length + 1)];
    return arg.startsWith(short) ? [arg.slice(short.length).replace(/^=/, '')] : [];
  });
  const text = texts.at(-1);
  return text === undefined
    ? undefined
    : { source: `argument ${short} of container ${VALIDATION}`, text };
}

/**
 * The user or group that a container's process runs as: said for it, else for the whole pod.
 *
 * Root counts as unsaid: with TPROXY Istio runs the proxy as root and means its usual ID all the same.
 */
export function runsAs(
  pod: PodFacts,
  container: Container,
  key: 'runAsUser' | 'runAsGroup',
): Said | undefined {
  const own = container[key];
  const id = own ?? pod[key] ?? 0;
  if (id === 0) return undefined;
  const where = own === undefined ? 'the pod' : `container ${container.name}`;
  return { source: `securityContext of ${where}`, text: String(id) };
}
