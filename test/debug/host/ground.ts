import { join } from 'node:path';
import { execa } from 'execa';
import { type Netns } from '../../support/netns.ts';

/** How a run of the command in a netns of its own ended. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

const main = join(import.meta.dirname, '../../../debug/main.ts');

/** The sources may be where root alone gets. */
const READS = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];

/** Runs `host …` in a netns that plays the host. Never rejects because of how it ends. */
export async function runOnHost(
  { path }: Netns,
  args: readonly string[],
  {
    stateDir,
    env = {},
    uid = 0,
  }: {
    readonly stateDir: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly uid?: number;
  },
): Promise<Ran> {
  const user = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, '--clear-groups', ...READS];
  const command = [...user, process.execPath, '--no-warnings', main, 'host', ...args];
  const { stdout, stderr, exitCode } = await execa('nsenter', [`--net=${path}`, '--', ...command], {
    env: { SLUICE_STATE_DIR: stateDir, ...env },
    reject: false,
    timeout: 40_000,
  });
  return { stdout, stderr, exitCode };
}
