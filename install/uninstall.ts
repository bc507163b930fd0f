import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOCKS } from '../cni/kernel/lock.ts';
import { take, targetOf } from './act.ts';
import { executablePath, type InstallConfig, kubeconfigPath, leasePath } from './config.ts';
import { PLUGIN } from './entry.ts';
import { createFiles, type Files } from './files.ts';
import { createLease, UNINSTALLER } from './lease.ts';
import { emptyDirectories, leftovers } from './leftovers.ts';
import { type Step } from './observed.ts';
import { observe, wantedEntry } from './observe.ts';

/** One step of the way back. */
export type WayBack =
  | { readonly do: 'hold'; readonly path: string }
  | { readonly do: 'undo'; readonly path: string; readonly step: Step }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'remove-empty'; readonly path: string };

interface Options {
  readonly files?: Files;
  /** A command leaves a note, so that an agent that still runs does not put everything back. */
  readonly by: 'command' | 'agent';
  /** What a runtime has to notice that our entry is gone. */
  readonly waitMs?: number;
  /** Called once no runtime starts the plugin any more, and before anything that it needs is removed. */
  readonly beforeRemoval?: () => Promise<void>;
  readonly onStep?: (step: WayBack) => void;
  /** Ends the wait, and with it the way back: what no entry names any more stays then. */
  readonly signal?: AbortSignal;
}

/** The steps in the only safe order: whatever an entry names is there for as long as a runtime may have it loaded. */
export async function wayBack(
  config: InstallConfig,
  { files = createFiles(), by, waitMs = 10_000 }: Options,
): Promise<WayBack[]> {
  const observed = await observe(config, files);
  const found = leftovers(observed, { type: PLUGIN, keep: [] });
  const note = leasePath(config);
  const inState = ['attachments', 'history', 'pods', 'backend.json'].map((name) =>
    join(config.stateDir, name),
  );
  const removed = [
    executablePath(config),
    join(config.binDir, '.sluice'),
    kubeconfigPath(config),
    config.agentSocket,
    // Only where they are those of a real node: others may hold theirs while a test takes its own away.
    ...(dirname(config.agentSocket) === dirname(LOCKS) ? [LOCKS] : []),
    ...inState,
    ...(by === 'agent' ? [note] : []),
  ];
  return [
    { do: 'hold', path: note },
    ...found.map((step): WayBack => ({ do: 'undo', path: targetOf(step, config), step })),
    ...(found.length > 0 ? [{ do: 'wait', ms: waitMs } as const] : []),
    ...removed.map((path): WayBack => ({ do: 'remove', path })),
    ...(by === 'agent' ? [{ do: 'remove-empty', path: config.stateDir } as const] : []),
    // Last, as nobody is harmed by them; elsewhere they are somebody else's.
    ...(config.mode === 'drop-in' ? emptyDirectories(observed) : []).map((name): WayBack => ({
      do: 'remove-empty',
      path: join(config.netDir, name),
    })),
  ];
}

/**
 * Takes Sluice off this node, with what killed runs have left. Taken twice, the second time finds nothing to do.
 *
 * @throws {CniError} `io`
 * @throws {Error} when our entry cannot be taken out, and then everything that it names stays
 */
export async function uninstall(config: InstallConfig, options: Options): Promise<void> {
  const { files = createFiles(), beforeRemoval = () => Promise.resolve() } = options;
  const { onStep = () => undefined } = options;
  const lease = { files, path: leasePath(config), holder: UNINSTALLER, now: () => 0 };
  await createLease(lease).take();
  for (const directory of [config.netDir, config.binDir, config.stateDir]) {
    await files.sweep(directory);
  }
  const steps = await wayBack(config, { ...options, files });
  const first = steps.find((step) => step.do === 'remove');
  for (const step of steps) {
    if (step === first) await beforeRemoval();
    if (step.do === 'remove') await assertGone(config, files);
    onStep(step);
    await goBack(step, config, { ...options, files });
  }
}

/** Whatever came in between: an owner who wrote his file again, an agent in the middle of its look, a torn file. */
async function assertGone(config: InstallConfig, files: Files): Promise<void> {
  const { files: lists, dropIns } = await observe(config, files);
  const left = [...lists, ...dropIns.flatMap((each) => each.files)].find(
    (file) => 'text' in file && file.text.includes(JSON.stringify(PLUGIN)),
  );
  if (!left) return;
  const advice = 'take it out, or try again';
  throw new Error(`cannot uninstall: "${left.name}" still names ${PLUGIN}: ${advice}`);
}

/** A line for each, as `--dry-run` prints them. */
export function renderWayBack(steps: readonly WayBack[]): string {
  return steps.map((step) => `${renderStep(step)}\n`).join('');
}

export function renderStep(way: WayBack): string {
  switch (way.do) {
    case 'hold':
      return `write ${way.path}, so that no agent installs again`;
    case 'undo':
      return way.step.do === 'remove' ? `remove ${way.path}` : `take our entry out of ${way.path}`;
    case 'wait':
      return `wait ${way.ms / 1_000} s for the runtime`;
    case 'remove':
      return `remove ${way.path}`;
    case 'remove-empty':
      return `remove ${way.path} if it is empty`;
  }
}

async function goBack(
  way: WayBack,
  config: InstallConfig,
  { files, signal }: { readonly files: Files; readonly signal?: AbortSignal },
): Promise<void> {
  switch (way.do) {
    case 'hold':
      return;
    case 'undo':
      await take(way.step, config, { files, trial: noTrial, entry: wantedEntry(config) });
      return;
    case 'wait':
      await sleep(way.ms, undefined, { signal });
      return;
    case 'remove':
      await files.removeTree(way.path);
      return;
    case 'remove-empty':
      await files.removeEmpty(way.path);
  }
}

async function noTrial(): Promise<void> {
  return Promise.reject(
    new Error('cannot try an executable: nothing is installed on the way back'),
  );
}
