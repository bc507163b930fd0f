import { readPodFacts } from './facts/facts.ts';
import { type Host } from './host.ts';
import { openSession } from './kernel/session.ts';
import { collectGarbage, readRecord, removeRecord, writeRecord } from './record.ts';
import { VERSION } from './version.ts';

/** The node we run on. */
export const nodeHost: Host = {
  versions: { sluice: VERSION, node: process.versions.node },
  readPodFacts,
  openNetns: (path, { settings: { backend, toolsDir }, deadlineAt }) =>
    openSession(path, { backend, toolsDir, deadlineAt }),
  writeRecord,
  readRecord,
  removeRecord,
  collectGarbage,
  postEvent: async (agentSocket, event) => {
    const { postEvent } = await import('./facts/agent.ts');
    await postEvent(agentSocket, event);
  },
};
