import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { runAgent } from '../../agent/agent.ts';
import { readConfig } from '../../agent/config.ts';
import { type Installation } from '../../agent/installation.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { postEvent } from '../../cni/facts/agent.ts';
import { type FoundFacts, readPodFacts } from '../../cni/facts/facts.ts';
import { CniError } from '../../cni/spec/error.ts';
import { type ApiServer } from './apiserver.ts';
import { createRelay, type Relay } from './apiserverrelay.ts';
import { type Cleanup } from './cleanup.ts';

/** An agent as DaemonSet.yaml runs it, in the eyes of the API server and of the plugin. */
export interface TestAgent {
  /** Its way to the API server. */
  readonly relay: Relay;
  /** What it said so far, a line each. */
  readonly log: readonly string[];
  /** What the plugin learns about a pod of namespace default; a sentence, if it would tell kubelet to try again. */
  readonly ask: (name: string, uid?: string) => Promise<FoundFacts | string>;
  /** Asks until that is why it learns nothing: where the agent takes too long, it is that at first. */
  readonly refusal: (name: string, reason: RegExp, uid?: string) => Promise<void>;
  /** Asks until the answer comes from there. */
  readonly learn: (name: string, source: FoundFacts['source']) => Promise<FoundFacts>;
  /** Tells it of an ADD, as the plugin does. */
  readonly post: (record: AttachmentRecord) => Promise<void>;
  /** How many pods would survive a power loss. */
  readonly kept: () => Promise<number>;
  readonly stop: () => Promise<void>;
  readonly start: () => void;
  /** As kubelet does when a token becomes old. */
  readonly giveToken: (token: string) => Promise<void>;
}

export const nodeName = 'node-1';

interface Differences {
  readonly env?: Readonly<Record<string, string>>;
  readonly installation?: Installation;
}

/** Starts it with the rights of its service account. */
export async function startAgent(
  server: ApiServer,
  cleanup: Cleanup,
  { env = {}, installation }: Differences = {},
): Promise<TestAgent> {
  const directory = await mkdtemp(join(server.directory, 'agent-'));
  const relay = await createRelay(server.port);
  cleanup.add(relay.cut);
  const account = join(directory, 'serviceaccount');
  const giveToken = (token: string): Promise<void> => writeFile(join(account, 'token'), token);
  await mkdir(account);
  await copyFile(server.caFile, join(account, 'ca.crt'));
  await giveToken(await server.kubectl(createToken));
  const config = readConfig({
    NODE_NAME: nodeName,
    SLUICE_AGENT_SOCKET: join(directory, 'agent.sock'),
    SLUICE_STATE_DIR: join(directory, 'state'),
    SLUICE_ADDRESS: '127.0.0.1:0',
    SLUICE_SERVICE_ACCOUNT_DIR: account,
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(relay.port),
    ...env,
  });
  const log: string[] = [];
  let abort = new AbortController();
  let ended = Promise.resolve();

  const ask: TestAgent['ask'] = async (name, uid) => {
    const ref = { namespace: 'default', name, uid };
    const [deadlineMs, agentSocket] = [1_000, config.socketPath];
    const deadlineAt = performance.now() + deadlineMs;
    const passed = { apiFallback: undefined, podAnnotations: { 'sidecar.istio.io/status': '{}' } };
    return readPodFacts(ref, { agentSocket, deadlineMs, deadlineAt, ...passed }).catch(
      (error: unknown) => {
        if (!(error instanceof CniError)) throw error;
        return [error.message, (error.cause as Error | undefined)?.message].join(': ');
      },
    );
  };
  const agent: TestAgent = {
    relay,
    log,
    ask,
    refusal: async (name, reason, uid) => {
      await until(
        () => ask(name, uid),
        (answer) => {
          assert.ok(typeof answer === 'string', 'it is known');
          return reason.test(answer);
        },
      );
    },
    learn: async (name, source) => {
      const facts = await until(
        () => ask(name),
        (answer) => typeof answer !== 'string' && answer.source === source,
      );
      assert.ok(typeof facts !== 'string');
      return facts;
    },
    post: (record) => postEvent(config.socketPath, record, 2_000),
    kept: async () => {
      const files = await readdir(join(config.stateDir, 'pods'));
      return files.filter((file) => !file.endsWith('.tmp')).length;
    },
    stop: async () => {
      abort.abort();
      await ended;
    },
    start: () => {
      abort = new AbortController();
      const options = {
        config,
        log: pino({}, { write: (line) => log.push(line) }),
        chooseBackend: async () => choice,
        install: () => installation,
        watch: { backoff: { mostMs: 1_000 } },
      };
      ended = runAgent(options, abort.signal);
      // Whoever stops it is told.
      ended.catch(() => undefined);
    },
    giveToken,
  };
  cleanup.add(agent.stop);
  agent.start();
  return agent;
}

export const createToken = ['create', 'token', 'sluice-agent', '--namespace=sluice-system'];

/** Repeats a question until the answer is what was waited for, which it must be in time. */
export async function until<T>(
  question: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  const giveUpAt = performance.now() + 40_000;
  for (;;) {
    const answer = await question();
    if (isWanted(answer)) return answer;
    assert.ok(performance.now() < giveUpAt, `in vain: ${JSON.stringify(answer)}`);
    await sleep(50);
  }
}

const choice = {
  schema: 1,
  backend: 'iptables-nft',
  evidence: [],
  chosenAt: '2026-01-02T03:04:05.000Z',
  kernel: 'any',
  version: 'any',
} as const;
