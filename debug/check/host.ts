import { constants, existsSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findTools } from '../../cni/kernel/tools.ts';
import { diagnose } from '../conflist/diagnose.ts';
import { observeConflists } from '../conflist/observe.ts';
import { toolsOf } from '../place.ts';
import { fine, type Look } from './outcome.ts';
import { lookAtBackends } from './backends.ts';
import { lookAtPropagation } from './propagation.ts';
import { lookAtRuntime } from './runtime.ts';

/** What a node must have before Sluice is put on it. */
export const HOST: Readonly<Record<string, Look>> = {
  rights: () =>
    process.geteuid?.() === 0
      ? fine('root')
      : { verdict: 'problem', says: 'not root', next: 'run it as root, or in the agent' },
  tools: ({ place }) => {
    const { place: found, backend } = findTools('auto', toolsOf(place));
    return fine(`${backend} in ${found.directories.join(', ')}`);
  },
  backends: ({ place }) => lookAtBackends(toolsOf(place)),
  ipv6: () =>
    fine(existsSync('/proc/net/if_inet6') ? 'the kernel has it' : 'the kernel does not have it'),
  directories: async ({ place: { stateDir, netDir, binDir } }) => {
    const wrong: string[] = [];
    for (const path of [stateDir, netDir, binDir]) {
      await access(existing(path), constants.W_OK).catch(() => wrong.push(path));
    }
    if (wrong.length === 0) return fine(`${stateDir}, ${netDir} and ${binDir} can be written`);
    return { verdict: 'problem', says: `cannot write to ${wrong.join(', ')}` };
  },
  'main network': async ({ place }) => {
    const findings = diagnose(await observeConflists(place));
    const missing = findings.find(({ id }) => id === 'no-configuration' || id === 'first-broken');
    if (missing) return { verdict: 'problem', says: missing.message, next: missing.next };
    const others = findings.find(({ id }) =>
      ['other-mesh', 'delegates', 'renamed-by-owner'].includes(id),
    );
    return others
      ? { verdict: 'warning', says: others.message, next: others.next }
      : fine('there, and nobody else rewrites it as far as can be seen');
  },
  'mount propagation': lookAtPropagation,
  runtime: lookAtRuntime,
  'security modules': async () => {
    const enforcing = await readFile('/sys/fs/selinux/enforce', 'utf8').catch(() => '0');
    return enforcing.trim() === '1'
      ? {
          verdict: 'warning',
          says: 'SELinux enforces: what is in the CNI bin dir must be labelled as its neighbours are',
        }
      : fine('SELinux does not enforce');
  },
};

/** The nearest directory above that is there. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}
