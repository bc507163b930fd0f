import { dirname } from 'node:path';
import { type Means, targetOf } from './act.ts';
import { createBackoff } from './backoff.ts';
import { type InstallConfig, leasePath } from './config.ts';
import { PLUGIN } from './entry.ts';
import { createFiles } from './files.ts';
import { createLease } from './lease.ts';
import { observe, wanted } from './observe.ts';
import { holdsOurs } from './placement.ts';
import { type Plan, reconcile } from './reconcile.ts';
import { sentence } from './sentence.ts';
import { type Report, type State } from './state.ts';
import { takeSteps } from './steps.ts';
import { createToolbox } from './toolbox.ts';
import { tryExecutable } from './trial.ts';
import { onEachChange } from './watch.ts';

/** The plugin on this node. */
export interface Installation {
  /** Looks, compares, acts, and waits for a change, until aborted. Leaves everything in place then. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  /** Looks, compares and acts once, or up to where it is aborted. Never rejects: what goes wrong is in the state. */
  readonly look: (signal?: AbortSignal) => Promise<State>;
  readonly state: () => State;
  readonly isComplete: () => boolean;
}

interface Options extends Partial<Means>, Partial<Report> {
  /** Tells this agent from every other on the node, before and after. */
  readonly holder: string;
  readonly now?: () => number;
  /** Between two looks where nothing seems to change. */
  readonly lookMs?: number;
  readonly settleMs?: number;
}

export function createInstallation(config: InstallConfig, options: Options): Installation {
  const { holder, now = () => performance.now(), lookMs = 15_000, settleMs = 100 } = options;
  const { files = createFiles(), onStep = () => undefined, onConflict = () => undefined } = options;
  const toolbox = createToolbox(config, { files, now });
  const ownTrial: Means['trial'] = (path, entry, signal) =>
    tryExecutable(path, entry, { ...config, toolsDir: toolbox.path, signal });
  const { trial = ownTrial } = options;
  const backoff = createBackoff({ now });
  const lease = createLease({ files, path: leasePath(config), holder, now });
  const means = { config, files, trial, backoff, onStep, onConflict };
  let state: State = { isComplete: false, reason: 'nothing was looked at yet', conflicts: [] };
  let nextAt = 0;

  const plan = async (): Promise<Plan> =>
    reconcile(await observe(config, files), await wanted(config, files));

  const lookOnce = async (signal?: AbortSignal): Promise<State> => {
    const keeper = await lease.obstacle();
    if (keeper !== undefined) {
      toolbox.waitAgain();
      const found = await observe(config, files);
      return { isComplete: holdsOurs(found, PLUGIN), reason: keeper, conflicts: [] };
    }
    // Before the executable, which is tried with them.
    await toolbox.keep(signal);
    const { steps: due } = await plan();
    if (due.length > 0) toolbox.waitAgain();
    const taken = await takeSteps(due, { ...means, signal });
    nextAt = taken.nextAt;
    if (taken.obstacle !== undefined) {
      return { isComplete: false, reason: taken.obstacle, conflicts: taken.conflicts };
    }
    const { steps, obstacle } = await plan();
    const [step] = steps;
    if (step === undefined) await toolbox.removeOld();
    const reason =
      obstacle ??
      (step && `"${targetOf(step, config)}" was just changed by another agent: ${step.cause}`);
    return { isComplete: reason === undefined, reason, conflicts: [] };
  };

  const look = async (signal?: AbortSignal): Promise<State> => {
    nextAt = Infinity;
    try {
      state = await lookOnce(signal);
    } catch (error) {
      // Broken off: it is as it was found.
      if (signal?.aborted === true) return state;
      state = { isComplete: false, reason: sentence(error), conflicts: [] };
    }
    return state;
  };

  const directories = [config.netDir, config.binDir].concat(
    config.credential ? [dirname(config.credential.tokenFile)] : [],
  );
  return {
    look,
    state: () => state,
    isComplete: () => state.isComplete,
    async keep(signal) {
      await lease.take();
      for (const each of [config.netDir, config.stateDir, config.binDir, toolbox.staging]) {
        await files.sweep(each).catch(() => undefined); // nothing that we write depends on it
      }
      const waitMs = (): number => Math.max(0, Math.min(lookMs, nextAt - now()));
      await onEachChange(directories, () => look(signal), { signal, waitMs, settleMs });
    },
  };
}
