import { execa } from 'execa';

export interface Background {
  /** What it said last, for whoever has to say why it is not there. */
  readonly tail: () => string;
  readonly isRunning: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Starts a program that ends with us, however we end. */
export function startBackground(command: readonly string[]): Background {
  const child = execa('setpriv', ['--pdeathsig=KILL', ...command], {
    extendEnv: false,
    env: { PATH: '/usr/bin:/bin' },
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: false,
    reject: false,
  });
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4_000);
  });
  let isRunning = true;
  const ended = child.finally(() => {
    isRunning = false;
  });
  return {
    tail: () => tail,
    isRunning: () => isRunning,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
