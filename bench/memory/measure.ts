import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { postEvent, readFromAgent } from '../../cni/facts/agent.ts';
import { record } from '../../test/agent/record.ts';
import { type Memory, parseMemory } from './status.ts';
import { PODS, refOf } from './pods.ts';

const SAMPLES = 20;
const READY_MS = 60_000;
const SETTLE_MS = 15_000;

/** The memory of the packaged agent: the largest of the samples taken once it knows and has served all pods of its node. */
export async function measureMemory(folder: string, step: (text: string) => void): Promise<Memory> {
  const node = join(folder, 'memory');
  for (const each of ['net.d', 'bin']) mkdirSync(join(node, each), { recursive: true });
  const network = { cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'bridge' }] };
  writeFileSync(join(node, 'net.d', '10-net.conflist'), JSON.stringify(network));
  const server = execa(process.execPath, [join(import.meta.dirname, 'apiserver.ts'), node], {
    reject: false,
  });
  const [port] = (await once(server.stdout, 'data')) as [Buffer];
  const agent = startAgent(node, String(port).trim());
  try {
    step(`the agent with ${PODS} pods`);
    await serveAll(join(node, 'agent.sock'), READY_MS);
    await sleep(SETTLE_MS);
    const samples: Memory[] = [];
    while (samples.length < SAMPLES) {
      await sleep(1_000);
      samples.push(parseMemory(readFileSync(`/proc/${agent.pid ?? ''}/status`, 'utf8')));
    }
    return samples.reduce((most, each) => (each.rssMb > most.rssMb ? each : most));
  } finally {
    agent.kill();
    server.kill();
    await Promise.all([agent, server]);
  }
}

function startAgent(node: string, port: string) {
  const executable = join(node, 'sluice-cni');
  // Mapped from a file that was just written, as on a node that has just pulled the image.
  copyFileSync(join(import.meta.dirname, '../../dist/sluice-cni'), executable);
  const env = {
    NODE_NAME: 'n1',
    SLUICE_AGENT_SOCKET: join(node, 'agent.sock'),
    SLUICE_STATE_DIR: join(node, 'state'),
    SLUICE_ADDRESS: '127.0.0.1:0',
    SLUICE_CNI_NET_DIR: join(node, 'net.d'),
    SLUICE_CNI_BIN_DIR: join(node, 'bin'),
    SLUICE_SERVICE_ACCOUNT_DIR: join(node, 'serviceaccount'),
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: port,
  };
  // Nothing is timed here: it need not go first, and would only keep the kernel from what it does meanwhile.
  const like = ['--other', '0', executable, 'agent'];
  return execa('chrt', like, { env, extendEnv: false, reject: false, stdio: 'ignore' });
}

/** Asks for each pod and tells of its ADD, as the plugin does. */
async function serveAll(socket: string, timeoutMs: number): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (let i = 0; i < PODS;) {
    const answer = await readFromAgent(socket, refOf(i), { timeoutMs: 1_000 }).catch(
      (cause: unknown) => {
        if (performance.now() > giveUpAt) throw new Error(`cannot learn of pod ${i}`, { cause });
      },
    );
    if (answer) {
      await postEvent(socket, record());
      i += 1;
    } else await sleep(100);
  }
}
