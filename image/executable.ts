import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Architecture } from './base.ts';
import { smoke } from './smoke.ts';

/** All that decides what comes out, as text. */
export interface Ingredients {
  readonly script: string;
  readonly arch: Architecture;
  /** Files that the program asks for by name. */
  readonly assets: Readonly<Record<string, string>>;
  /** How it is made: the recipe's own files and the lockfile, which also says what the assets are. */
  readonly recipe: string;
}

/** What `pack.ts` is to do; all paths are absolute. */
export interface Job {
  readonly script: string;
  readonly output: string;
  readonly arch: string;
  readonly assets: Record<string, string>;
}

/** Whether `output` is there and was made of exactly this. */
export async function isFresh(output: string, ingredients: Ingredients): Promise<boolean> {
  try {
    return (await readFile(keyFile(output), 'utf8')) === (await key(output, ingredients));
  } catch {
    return false; // never built, or cleaned away
  }
}

/**
 * Packages, tries and only then puts in place: whoever finds `output` finds a whole, working one.
 *
 * @param home where `provideBase` put the Node.js binary
 */
export async function writeExecutable(
  output: string,
  ingredients: Ingredients,
  { dist, home }: { dist: string; home: string },
): Promise<void> {
  const { script, arch, assets } = ingredients;
  const scratch = await mkdtemp(join(dist, '.build-'));
  try {
    const [bundled, packed] = [join(scratch, 'main.cjs'), join(scratch, 'packed')];
    await writeFile(bundled, script);
    const recipe = join(import.meta.dirname, 'pack.ts');
    const job: Job = { script: bundled, output: packed, arch, assets };
    await execa(process.execPath, [recipe, JSON.stringify(job)], { env: { HOME: home } });
    if (arch === process.arch) await smoke(packed);
    const made = await key(packed, ingredients);
    await rename(packed, output);
    await writeFile(keyFile(output), made);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function keyFile(output: string): string {
  return `${output}.key`;
}

/** Holds the inode too: two builds at once must not put one's key beside the other's executable. */
async function key(executable: string, ingredients: Ingredients): Promise<string> {
  const { ino, size, mtimeMs } = await stat(executable);
  const text = JSON.stringify({ ino, size, mtimeMs, ...ingredients });
  return createHash('sha256').update(text).digest('hex');
}
