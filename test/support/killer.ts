import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running } from './plugin.ts';
import { realProgram } from './site.ts';

/** Of a program that the plugin starts: before it has read anything, before it does anything, when it has done it. */
export type Moment = 'starts' | 'has been told all' | 'has ended';

/** A script in a program's place whose nth call stops at a moment, until it is let go. `trace` is a path of its own. */
export function stopping(program: string, nth: number, moment: Moment, trace: string): string {
  const stop = `: >'${trace}.reached'; while [ ! -e '${trace}.go' ]; do sleep 0.01; done`;
  const real = `'${realProgram(program)}' "$@"`;
  const steps = {
    starts: `${stop}; exec ${real}`,
    'has been told all': `input=$(cat); ${stop}; printf '%s\\n' "$input" | ${real}; exit`,
    'has ended': `${real}; code=$?; ${stop}; exit $code`,
  };
  return [
    `echo >>'${trace}'`,
    `if [ "$(wc -l <'${trace}')" -eq ${nth} ]; then ${steps[moment]}; fi`,
    `exec ${real}`,
  ].join('\n');
}

/** Kills the plugin as soon as the call stops. */
export async function killAtStop({ kill, ended }: Running, trace: string): Promise<void> {
  const state = { isOver: false };
  const over = ended.finally(() => {
    state.isOver = true;
  });
  while (!existsSync(`${trace}.reached`) && !state.isOver) await sleep(5);
  kill('SIGKILL');
  const { signal, stdout, stderr } = await over;
  if (signal !== 'SIGKILL') throw new Error(`it has not been killed: ${stdout}${stderr}`);
}

export function letGo(trace: string): void {
  writeFileSync(`${trace}.go`, '');
}
