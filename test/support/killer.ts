import { executable } from './plugin.ts';
import { realProgram } from './site.ts';

/** As its nth child starts, before that child has done anything, or when it has done its work. */
export type Moment = 'starts' | 'is about to start' | 'has ended';

/** A script in nsenter's place that kills the plugin, once, by way of its nth child. `trace` is a path of its own. */
export function killingNsenter(moment: Moment, nth: number, trace: string): string {
  // Never whoever has taken in an orphan.
  const kill = [
    `echo >>'${trace}'`,
    `if [ "$(wc -l <'${trace}')" -ge ${nth} ] && mkdir '${trace}.done' 2>/dev/null &&`,
    `  [ "$(readlink /proc/$PPID/exe)" = '${executable}' ]; then kill -9 $PPID`,
  ].join('\n');
  const nsenter = `'${realProgram('nsenter')}' "$@"`;
  switch (moment) {
    case 'starts':
      return `${kill}; fi\nexec ${nsenter}`;
    case 'is about to start':
      return `${kill}; exit; fi\nexec ${nsenter}`;
    case 'has ended':
      return `${nsenter}; code=$?\n${kill}; fi\nexit $code`;
  }
}
