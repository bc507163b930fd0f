import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exec, type ExecOptions } from '../cni/kernel/exec.ts';
import { makeNetns } from '../cni/kernel/ownnetns.ts';
import { killTree } from '../cni/kernel/tree.ts';
import { type Entry } from './conflist.ts';
import { stagedIn } from './replace.ts';
import { TRIAL_POD, type TrialCall, trialCalls } from './trialcalls.ts';

interface Options {
  /** Where a directory of its own may be made. */
  readonly stateDir: string;
  /** Where the means to make a netns are; undefined: where distributions keep them. */
  readonly toolsDir?: string | undefined;
  readonly timeoutMs?: number;
  /** Ends it at once, and all that it has started. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an executable as a runtime would: VERSION, then ADD, CHECK and DEL of a meshed pod, in a netns of its own. CHECK
 * compares what ADD has made of the netns, so this also proves that the node can have its traffic redirected.
 *
 * @throws {Error} naming the verb that went wrong
 */
export async function tryExecutable(
  path: string,
  entry: Entry,
  { stateDir, toolsDir, timeoutMs = 30_000, signal }: Options,
): Promise<void> {
  const directory = stagedIn(stateDir); // so that a killed run's is removed with the other leftovers
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const agentSocket = join(directory, 'agent.sock');
  const closes: (() => unknown)[] = [];
  try {
    closes.push(await serveFacts(agentSocket));
    const netns = await makeNetns(toolsDir, signal);
    closes.push(netns.close);
    const own = { ...entry, agentSocket, stateDir: directory };
    for (const call of trialCalls(own, netns.path)) {
      await tryCall(path, call, { timeoutMs, signal });
    }
  } finally {
    for (const close of closes) await close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function tryCall(
  file: string,
  { verb, env, input, expects }: TrialCall,
  limits: Pick<ExecOptions, 'timeoutMs' | 'signal'>,
): Promise<void> {
  try {
    const command = { file, args: [], env, fds: [] };
    const { stdout } = await exec(command, { input, ...limits, kill: killTree });
    expects(stdout);
  } catch (cause) {
    throw new Error(`cannot use the new executable: ${verb} fails`, { cause });
  }
}

/** The agent's answer, as if it knew the pod. */
async function serveFacts(socket: string): Promise<() => void> {
  const body = JSON.stringify({
    pod: TRIAL_POD,
    source: 'watch',
    observedAt: '1970-01-01T00:00:00Z',
  });
  const server = createServer((request, response) => {
    void text(request).catch(() => undefined);
    response.writeHead(request.method === 'GET' ? 200 : 202, {
      'content-type': 'application/json',
    });
    response.end(request.method === 'GET' ? body : '');
  });
  await once(server.listen(socket), 'listening');
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
