import { readPodFacts } from './facts/facts.ts';
import { type Host } from './host.ts';
import { toolboxBeside } from './kernel/place.ts';
import { collectGarbage, readRecord, removeRecord, writeRecord } from './record.ts';
import { VERSION } from './version.ts';

/** The node we run on. */
export const nodeHost: Host = {
  versions: { sluice: VERSION, node: process.versions.node },
  readPodFacts,
  openNetns: async (
    path,
    { settings: { backend, toolsDir = toolboxBeside(process.execPath, VERSION) }, deadlineAt },
  ) => {
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
