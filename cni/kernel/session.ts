import { type Applied, applyRules, type Rulesets } from './apply.ts';
import { startCrew } from './crew.ts';
import { inspect, type Inspection } from './inspect.ts';
import { type Kernel } from './kernel.ts';
import { type Crew } from './launch.ts';
import { lockNetns } from './lock.ts';
import { asksNameService } from './nameservice.ts';
import { closeNetns, openNetns } from './netns.ts';
import { removeAll } from './remove.ts';
import { type Backend, findTools } from './tools.ts';

export interface SessionOptions {
  readonly backend: 'auto' | Backend;
  /** Undefined: where distributions keep their programs. */
  readonly toolsDir: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly deadlineAt: number;
  /** Once aborted, whatever was started is killed, also what would undo: only for a netns of one's own. */
  readonly signal?: AbortSignal | undefined;
}

/** A pod's netns, held open and locked until `close`. */
export interface Session {
  readonly inode: number;
  readonly backend: Backend;
  /** Starts what `apply` needs, which loads meanwhile; it changes nothing. */
  prepare(): void;
  apply(rulesets: Rulesets): Promise<Applied>;
  /** Removes all that is ours. */
  undo(): Promise<void>;
  inspect(): Promise<Inspection>;
  close(): void;
}

/** @throws {CniError} `unknownContainer`, `invalidNetns`, `noBackend`, `tryAgainLater` */
export async function openSession(path: string, options: SessionOptions): Promise<Session> {
  const { backend, toolsDir, deadlineAt, signal } = options;
  const netns = openNetns(path);
  try {
    const tools = findTools(backend, toolsDir);
    const lock = await lockNetns(netns, deadlineAt - performance.now());
    const hideNameService = asksNameService();
    const userNamespace = undefined;
    const kernel: Kernel = { netns, tools, hideNameService, userNamespace, deadlineAt, signal };
    let crew: Crew | undefined;
    return {
      inode: netns.inode,
      backend: tools.backend,
      prepare: () => {
        crew ??= startCrew(kernel);
      },
      apply: (rulesets) => {
        const started = crew;
        crew = undefined;
        return applyRules(kernel, rulesets, started);
      },
      undo: () => removeAll(kernel),
      inspect: () => inspect(kernel),
      close: () => {
        crew?.dismiss();
        lock.release();
        closeNetns(netns);
      },
    };
  } catch (error) {
    closeNetns(netns);
    throw error;
  }
}
