import { isJsonObject } from '../cni/spec/json.ts';
import { type Files } from './files.ts';

/** Which of several agents on a node keeps the installation: the one that started last, while it is alive. */
export interface Lease {
  /** Takes it, whoever has it. */
  readonly take: () => Promise<void>;
  /** Undefined if it is ours; else why it is not. */
  readonly obstacle: () => Promise<string | undefined>;
}

interface Options {
  readonly files: Files;
  readonly path: string;
  readonly holder: string;
  readonly now: () => number;
  /** How often the holder says that it is alive. */
  readonly beatMs?: number;
}

/** Whoever uninstalls holds it for good, so that no agent puts back what is being removed. */
export const UNINSTALLER = 'uninstall';

/**
 * During an upgrade two agents run on a node, and each wants its own version. Without an order between them they would
 * overwrite each other for as long as both live. No clock is compared: a holder is gone if its file stays the same.
 */
export function createLease({ files, path, holder, now, beatMs = 15_000 }: Options): Lease {
  let beat = 0;
  let seen = { text: '', at: 0 };

  const write = async (): Promise<void> => {
    beat += 1;
    const text = `${JSON.stringify({ holder, beat })}\n`;
    seen = { text, at: now() };
    // On a full disk, a node that is kept right matters more than who keeps it.
    await files.replace(path, { content: { text }, mode: 0o600 }).catch(() => undefined);
  };
  return {
    take: write,
    async obstacle() {
      const text = await textAt(files, path);
      const other = holderOf(text);
      if (other === UNINSTALLER && holder !== UNINSTALLER) {
        return 'uninstalled by command: restart the agent to install again';
      }
      if (text !== seen.text) {
        seen = { text, at: now() };
        // Gone or torn: nobody holds it.
        if (other === undefined) await write();
      }
      const age = now() - seen.at;
      if (other === holder && age >= beatMs) await write();
      if (other === holder || other === undefined) return undefined;
      if (age < 4 * beatMs) return `another agent, "${other}", keeps the installation`;
      await write();
      return undefined;
    },
  };
}

/** Who has it, dead or alive; undefined if nobody has. */
export async function holderAt(files: Files, path: string): Promise<string | undefined> {
  return holderOf(await textAt(files, path));
}

async function textAt(files: Files, path: string): Promise<string> {
  const found = await files.read(path);
  return found && 'text' in found ? found.text : '';
}

function holderOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && typeof value.holder === 'string' ? value.holder : undefined;
  } catch {
    return undefined;
  }
}
