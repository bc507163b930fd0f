import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exec, killGroup, spawnCommand } from '../cni/kernel/exec.ts';
import { find } from '../cni/kernel/tools.ts';
import { type Entry } from './conflist.ts';
import { stagedIn } from './replace.ts';
import { TRIAL_POD, type TrialCall, trialCalls } from './trialcalls.ts';

interface Options {
  /** Where a directory of its own may be made. */
  readonly stateDir: string;
  readonly timeoutMs?: number;
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
  { stateDir, timeoutMs = 30_000 }: Options,
): Promise<void> {
  const directory = stagedIn(stateDir); // so that a killed run's is removed with the other leftovers
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const agentSocket = join(directory, 'agent.sock');
  const closes: (() => void)[] = [];
  try {
    closes.push(await serveFacts(agentSocket));
    const netns = await openTrialNetns();
    closes.push(netns.close);
    const own = { ...entry, agentSocket, stateDir: directory };
    for (const call of trialCalls(own, netns.path)) await tryCall(path, call, timeoutMs);
  } finally {
    for (const close of closes) close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function tryCall(
  file: string,
  { verb, env, input, expects }: TrialCall,
  timeoutMs: number,
): Promise<void> {
  try {
    const { stdout } = await exec({ file, args: [], env, fds: [] }, { input, timeoutMs });
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

/** It lives as long as a process that ends when its stdin does, so also when we are killed. */
async function openTrialNetns(): Promise<{ readonly path: string; readonly close: () => void }> {
  const directories = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  const [unshare, cat] = ['unshare', 'cat'].map((name) => find(name, directories) ?? name);
  const args = ['--net', '--', cat ?? 'cat'];
  const child = spawnCommand({ file: unshare ?? 'unshare', args, env: {}, fds: [] }, 'pipe');
  const close = (): void => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`cannot make a netns for the trial: exit code ${String(code)}`);
  });
  child.stdin?.on('error', () => undefined).write('\n');
  // Whoever echoes has been started in the netns.
  await Promise.race([child.stdout ? once(child.stdout, 'data') : failed, failed]);
  failed.catch(() => undefined);
  return { path: `/proc/${String(child.pid)}/ns/net`, close };
}
