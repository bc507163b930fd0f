import { dirname, join } from 'node:path';
import { executablePath, type InstallConfig, kubeconfigPath } from './config.ts';
import { type Entry } from './conflist.ts';
import { type Files } from './files.ts';
import { type Step } from './observed.ts';

/** What a step needs beside the disk. */
export interface Means {
  readonly files: Files;
  /** @throws {Error} when the executable at `path` must not go live, or when aborted */
  readonly trial: (path: string, entry: Entry, signal?: AbortSignal) => Promise<void>;
}

/** Somebody wrote the file after we had read it: nothing is wrong, but the step is of yesterday. */
export class Overtaken extends Error {
  constructor(path: string) {
    super(`"${path}" was changed while we looked at it`);
  }
}

/** The file that a step makes right. */
export function targetOf(step: Step, config: InstallConfig): string {
  if (step.do === 'install') return executablePath(config);
  return step.place === 'net' ? join(config.netDir, step.name) : kubeconfigPath(config);
}

/**
 * @throws {CniError} `io`
 * @throws {Overtaken}
 * @throws {Error} when the trial of a new executable failed
 */
export async function take(
  step: Step,
  config: InstallConfig,
  { files, trial, entry, signal }: Means & { readonly entry: Entry; readonly signal?: AbortSignal },
): Promise<void> {
  const path = targetOf(step, config);
  if (step.do === 'install') {
    const check = (staged: string): Promise<void> => trial(staged, entry, signal);
    const content = { copyOf: config.source };
    await files.replace(path, { content, mode: 0o755, keepsMode: false, check });
    return;
  }
  const check = async (): Promise<void> => {
    const found = await files.read(path);
    if ((found && 'text' in found ? found.text : undefined) !== step.basedOn)
      throw new Overtaken(path);
  };
  const isDropIn = step.place === 'net' && step.name.includes('/');
  // A runtime watches only the directory itself, and learns of a plugin in one below by what moves through it.
  const passage = isDropIn ? config.netDir : undefined;
  if (step.do === 'remove') {
    await check();
    await files.remove(path, passage);
    if (isDropIn) await files.removeEmpty(dirname(path));
    return;
  }
  const content = { text: step.text };
  // A credential's mode is ours to say; that of the owner's file is his.
  const keepsMode = step.place === 'net';
  const staging = passage === undefined ? {} : { stageIn: passage };
  await files.replace(path, { content, mode: 0o600, keepsMode, check, ...staging });
}
