import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { readPodFacts } from './facts/facts.ts';
import { type Host } from './host.ts';
import { type openSession } from './kernel/session.ts';
import { collectGarbage, readRecord, removeRecord, writeRecord } from './record.ts';
import { VERSION } from './version.ts';

/** The node we run on. */
export const nodeHost: Host = {
  versions: { sluice: VERSION, node: process.versions.node },
  readPodFacts: (ref, options) => {
    const facts = readPodFacts(ref, options);
    // The question is under way: what is needed next loads while the agent looks for the answer.
    setImmediate(() => void loadSession());
    return facts;
  },
  openNetns: async (path, { settings: { backend, toolsDir = bundledTools() }, deadlineAt }) => {
    const session = await loadSession();
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

function loadSession(): Promise<{ openSession: typeof openSession }> {
  return import('./kernel/session.ts');
}

/** What the installer puts beside this executable; undefined until it has. */
function bundledTools(): string | undefined {
  const directory = join(dirname(process.execPath), '.sluice', VERSION);
  return existsSync(directory) ? directory : undefined;
}
