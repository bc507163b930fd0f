import { existsSync, readFileSync } from 'node:fs';

import { readPodFacts } from './facts/facts.ts';
import { type Host } from './host.ts';
import { toolboxBeside } from './kernel/place.ts';
import { type Backend } from './kernel/tools.ts';
import { collectGarbage, readRecord, removeRecord, writeRecord } from './record.ts';
import { VERSION } from './version.ts';

/** The node we run on. */
export const nodeHost: Host = {
  versions: { sluice: VERSION, node: process.versions.node },
  readPodFacts,
  openNetns: async (path, { settings, deadlineAt }) => {
    const { toolsDir = toolboxBeside(process.execPath, VERSION), stateDir } = settings;
    const backend = settings.backend === 'auto' ? chosenBackend(stateDir) : settings.backend;
    // Loading takes a while: a question that was just asked goes out first.
    await new Promise((resolve) => setImmediate(resolve));
    const session = await import('./kernel/session.ts');
    return session.openSession(path, { backend, toolsDir, deadlineAt });
  },
  writeRecord,
  readRecord,
  removeRecord,
  collectGarbage,
  postEvent: async (agentSocket, event) => {
    const { postEvent } = await import('./facts/agent.ts');
    await postEvent(agentSocket, event);
  },
};

/** What the agent found to work on this node; `auto` until it has, or where that cannot be read. */
function chosenBackend(stateDir: string): 'auto' | Backend {
  const file = `${stateDir}/backend.json`;
  if (!existsSync(file)) return 'auto';
  try {
    const text = readFileSync(file, 'utf8');
    const { backend } = JSON.parse(text) as { readonly backend?: unknown };
    return backend === 'iptables-nft' || backend === 'iptables-legacy' ? backend : 'auto';
  } catch {
    return 'auto';
  }
}
