import { join } from 'node:path';

import { type Ruleset } from '../rules/rule.ts';
import { type Crew, launch } from './launch.ts';
import { type Kernel } from './kernel.ts';
import { RESTORE_ARGS } from './iptables.ts';
import { findProgram, programOf } from './tools.ts';

/**
 * Starts all that a clean netns takes, for one process's price: both families' restores and IPv6's `ip`, which load
 * while we still decide. They wait for their input, and do nothing without.
 *
 * @returns undefined where they cannot be started so, for want of a shell or of files: then they are started one by one
 */
export function startCrew(kernel: Kernel): Crew | undefined {
  const { place, backend, ip } = kernel.tools;
  const sh = findProgram('sh', place);
  if (sh === undefined) return undefined;
  const restore = (family: Ruleset['family']): string[] => {
    const name = programOf(backend, family, 'restore');
    // Where it is missing, starting it alone will say so.
    return [...(findProgram(name, place) ?? [join('/nonexistent', name)]), ...RESTORE_ARGS];
  };
  return launch(kernel, sh, [
    restore('ipv4'),
    restore('ipv6'),
    [...ip, '-6', '-force', '-batch', '-'],
  ]);
}
