import { pino } from 'pino';
import { runAgent } from '../../agent/agent.ts';
import { type BackendChoice } from '../../agent/backend.ts';
import { type AgentConfig } from '../../agent/config.ts';
import { type Installation } from '../../agent/installation.ts';
import { type ApiAccess } from '../../agent/kubeconfig.ts';
import { isObject } from '../../cni/facts/json.ts';
import { until } from './until.ts';

export interface RunningAgent {
  readonly done: Promise<void>;
  /** Resolves when nothing is missing any more. */
  readonly isReady: () => Promise<void>;
  readonly isListening: () => boolean;
  /** Reads from its port. */
  readonly get: (path: string) => Promise<string>;
  readonly missing: () => Promise<string[]>;
  readonly lines: () => readonly Record<string, unknown>[];
  readonly stop: () => Promise<void>;
}

/** An agent in this process, with a backend that is already chosen. */
export function startAgent({
  access: api,
  directory,
  installation,
  config = {},
}: {
  access: ApiAccess;
  directory: string;
  installation?: Installation;
  config?: Partial<AgentConfig>;
}): RunningAgent {
  const stop = new AbortController();
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => {
    lines.push(JSON.parse(text) as Record<string, unknown>);
  };
  const done = runAgent(
    {
      config: {
        nodeName: 'n1',
        pod: undefined,
        socketPath: `${directory}/agent.sock`,
        stateDir: `${directory}/state`,
        address: { host: '127.0.0.1', port: 0 },
        logLevel: 'info',
        backend: 'auto',
        excludeNamespaces: ['kube-system'],
        toolsDir: undefined,
        api,
        census: { seconds: 60, procDir: '/nonexistent', resultsDir: '/nonexistent' },
        repair: { mode: 'repair', cutConnections: false },
        install: { mode: 'none', netDir: '/', binDir: '/', apiFallback: false },
        ...config,
      },
      log: pino({}, { write }),
      chooseBackend: async () => choice,
      install: () => installation,
      watch: { backoff: { firstMs: 5, mostMs: 20 } },
      flushMs: 30_000,
    },
    stop.signal,
  );
  const get = async (path: string): Promise<string> => {
    await until(() => lines.some(({ port }) => port !== undefined));
    const port = lines.find((line) => line.port !== undefined)?.port;
    return (await fetch(`http://127.0.0.1:${String(port)}${path}`)).text();
  };
  const missing = async (): Promise<string[]> => {
    const text = (await get('/readyz')).trim();
    return text === 'ready' ? [] : text.replace('not ready: ', '').split('; ');
  };
  return {
    done,
    get,
    missing,
    isReady: () => until(async () => (await missing()).length === 0),
    isListening: () => lines.some((line) => isObject(line) && line.msg === 'listening'),
    lines: () => lines,
    stop: async () => {
      stop.abort();
      await done;
    },
  };
}

const choice: BackendChoice = {
  schema: 1,
  backend: 'iptables-nft',
  evidence: [],
  chosenAt: '2026-01-02T03:04:05Z',
  kernel: '6.1',
  version: '1',
};
