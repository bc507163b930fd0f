import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { type Backend, programOf } from '../../cni/kernel/tools.ts';
import { createNetns, type Netns, removeNetns } from './netns.ts';

/** The kernel lets only root make a netns. Whoever is not root is told so, as tests are skipped then. */
export function hasRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  process.stderr.write('    skipped: needs root\n');
  return false;
}

/** A netns for the tests of this `describe`, gone after them. */
export function scratchNetns(): Netns {
  const name = `sluice-test-${process.pid}-${randomBytes(3).toString('hex')}`;
  before(async () => {
    await createNetns(name);
  });
  after(async () => {
    await removeNetns(name);
  });
  return { name, path: `/run/netns/${name}` };
}

/** Runs a program in the netns and returns its stdout. */
export async function inNetns(
  netns: Netns,
  command: readonly string[],
  input = '',
): Promise<string> {
  const { stdout } = await execa('nsenter', [`--net=${netns.path}`, '--', ...command], { input });
  return stdout;
}

/** What both families hold, without time stamps and counters. */
export async function saved(netns: Netns, backend: Backend): Promise<string> {
  const texts = [];
  for (const family of ['ipv4', 'ipv6'] as const) {
    texts.push(await inNetns(netns, [programOf(backend, family, 'save')]));
  }
  return texts.join('\n').replaceAll(/^#.*$|\[\d+:\d+\]/gm, '');
}
