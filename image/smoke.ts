import { execa } from 'execa';

/**
 * Runs an executable without arguments, in a clean environment and then in one that breaks Node.js.
 *
 * @throws {Error} unless both exit with 0, print nothing on stdout and the same on stderr
 */
export async function smoke(executable: string): Promise<void> {
  const clean = await run(executable, {});
  const dirty = await run(executable, { NODE_OPTIONS: '--no-such-option' });
  if (clean.stdout !== '' || clean.stderr !== dirty.stderr || dirty.stdout !== '') {
    throw new Error(
      `cannot use ${executable}: expected the same few lines on stderr, whatever NODE_OPTIONS says`,
    );
  }
}

async function run(executable: string, env: Record<string, string>) {
  return execa(executable, [], { env, extendEnv: false, input: '', timeout: 30_000 });
}
