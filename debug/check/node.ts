import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBackend } from '../../agent/backend.ts';
import { isObject } from '../../cni/facts/json.ts';
import { VERSION } from '../../cni/version.ts';
import { PLUGIN } from '../../install/entry.ts';
import { createComparison } from '../../install/same.ts';
import { askAgent } from '../askagent.ts';
import { diagnose } from '../conflist/diagnose.ts';
import { loadedBy } from '../conflist/loaded.ts';
import { observeConflists } from '../conflist/observe.ts';
import { fine, type Finding, type Look } from './outcome.ts';
import { lookAtAdds } from './adds.ts';
import { lookAtCredential } from './credential.ts';
import { lookAtRepairs } from './repairs.ts';

/** What must be there for this node to serve an ADD now, and what only helps. */
export const NODE: Readonly<Record<string, Look>> = {
  executable: async ({ place: { binDir } }) => {
    const path = join(binDir, PLUGIN);
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile() || (status.mode & 0o111) === 0) {
      const next = 'see whether the agent runs: it puts it there';
      return { verdict: 'problem', says: `no executable at ${path}`, next };
    }
    const own = process.execPath;
    const isSame = (await createComparison()(path, own).catch(() => false)) && own !== path;
    return fine(isSame ? `${path}, the same as this one, ${VERSION}` : path);
  },
  configuration: async ({ place }) => {
    const observation = await observeConflists(place);
    const [worst] = diagnose(observation).filter(({ severity }) => severity === 'problem');
    if (worst) return { verdict: 'problem', says: worst.message, next: worst.next };
    const loaded = loadedBy(observation);
    const where = loaded && `plugin ${loaded.position} of ${loaded.plugins.length}`;
    return fine(`${loaded?.file.name ?? ''}: ${where ?? ''}`);
  },
  backend: async ({ place: { stateDir } }) => {
    const choice = await readBackend(stateDir);
    if (choice) return fine(`${choice.backend}, found at ${choice.chosenAt} on ${choice.kernel}`);
    const next = 'see whether the agent runs: it tries them; the plugin takes the first it finds';
    return { verdict: 'warning', says: 'none was chosen yet', next };
  },
  credential: lookAtCredential,
  agent: async (io) => {
    try {
      return agentFinding(await askAgent('GET /v1/status', io));
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      const next = 'meshed pods wait until it is back; others start without it';
      return { verdict: 'problem', says, next };
    }
  },
  adds: lookAtAdds,
  repairs: lookAtRepairs,
};

function agentFinding({ status, body }: { status: number; body: unknown }): Finding {
  if (status !== 200 || !isObject(body)) {
    return { verdict: 'unknown', says: `what answers says ${status}` };
  }
  const { ready, version, missing, pods, startedAt } = body;
  const known = isObject(pods) && typeof pods.known === 'number' ? `, ${pods.known} pods` : '';
  const reasons = Array.isArray(missing) ? missing.join('; ') : '';
  if (ready === true) return fine(`ready, ${text(version)}${known}, since ${text(startedAt)}`);
  return { verdict: 'problem', says: `not ready: ${reasons}` };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '?';
}
