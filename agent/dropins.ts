import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../cni/facts/json.ts';
import { causes } from '../cni/spec/error.ts';
import { dropInObstacle } from '../install/dropins.ts';
import { type Api } from './api.ts';
import { type Installation } from './installation.ts';

interface Options {
  readonly api: Pick<Api, 'get'>;
  readonly nodeName: string;
  readonly install: { readonly mode: string };
  /** Between two questions, while the answer is none that will do. */
  readonly retryMs?: number;
}

/**
 * An installation in a drop-in directory, complete only once the node's runtime is known to load it: with another one,
 * meshed pods would start without redirection while the agent is ready. Any other installation comes back as it is.
 */
export function whereLoaded(
  installation: Installation | undefined,
  { api, nodeName, install, retryMs = 60_000 }: Options,
): Installation | undefined {
  if (!installation || install.mode !== 'drop-in') return installation;
  let obstacle: string | undefined = 'the container runtime of the node is not known yet';
  const ask = async (signal: AbortSignal): Promise<string | undefined> => {
    try {
      const path = `/api/v1/nodes/${encodeURIComponent(nodeName)}`;
      return dropInObstacle(runtimeOf(await api.get(path, { timeoutMs: 5_000, signal })));
    } catch (error) {
      const said = error instanceof Error ? [error.message, ...causes(error)] : [String(error)];
      return `cannot read the runtime of node ${nodeName}: ${said.join(': ')}`;
    }
  };
  const learn = async (signal: AbortSignal): Promise<void> => {
    for (obstacle = await ask(signal); obstacle !== undefined; obstacle = await ask(signal)) {
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  };
  return {
    ...installation,
    keep: async (signal) => {
      await Promise.all([installation.keep(signal), learn(signal)]);
    },
    isComplete: () => obstacle === undefined && installation.isComplete(),
    state: () => (obstacle === undefined ? installation.state() : { reason: obstacle }),
  };
}

function runtimeOf(node: unknown): string {
  const { status } = isObject(node) ? node : {};
  const { nodeInfo } = isObject(status) ? status : {};
  const { containerRuntimeVersion } = isObject(nodeInfo) ? nodeInfo : {};
  return typeof containerRuntimeVersion === 'string' ? containerRuntimeVersion : '';
}
