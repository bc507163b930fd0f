import { type Context } from './context.ts';
import { renderLogLine } from './log.ts';
import { runPlugin } from './plugin.ts';
import { isResolving } from './resolving.ts';
import { CniError, ErrorCode, renderErrorResult } from './spec/error.ts';
import { CNI_VERSIONS, LATEST_VERSION } from './spec/version.ts';
import { readStdin, readStdinIfThere, wasClosed, writeFully } from './stdio.ts';
import { VERSION } from './version.ts';

const STDOUT = 1;
const STDERR = 2;

const about =
  `sluice-cni ${VERSION}: a CNI plugin that redirects the traffic of a pod to its sidecar proxy\n` +
  `CNI versions: ${CNI_VERSIONS.join(', ')}\n` +
  'The container runtime starts it with CNI_COMMAND and the network configuration on stdin; with "help" it lists its commands.\n';

async function main(): Promise<void> {
  const { env } = process;
  const [program, ...args] = process.argv.slice(2);
  if (program !== undefined) {
    const { startProgram } = await import('./program.ts');
    if (startProgram(program, args)) return;
    writeFully(STDERR, `sluice-cni: cannot start "${program}": nothing is packaged here\n`);
    process.exitCode = 2;
    return;
  }
  if (!Object.keys(env).some((name) => name.startsWith('CNI_') && env[name] !== '')) {
    writeFully(STDERR, about);
    return;
  }
  const context: Context = {
    host: async () => (await import('./node.ts')).nodeHost,
    log: (level, msg, fields) => {
      // A log that nobody reads must not stop a pod.
      writeFully(STDERR, renderLogLine(level, Date.now(), { msg, ...fields }), 50);
    },
    interruption,
  };
  const stdin = input(env.CNI_COMMAND);
  if (stdin === undefined) return;
  const outcome = await runPlugin({ env, stdin }, context);
  process.exitCode = outcome.exitCode;
  const isRead = writeFully(STDOUT, outcome.stdout);
  if (!isRead || (outcome.undo !== undefined && wasClosed(STDOUT))) {
    process.exitCode = 1;
    await outcome.undo?.();
  }
  // All is written. Ending by itself, Node.js gives up our signal handlers some milliseconds before its process ends, and a
  // signal would then turn the success that was just told into a failure.
  if (outcome.undo !== undefined) process.exit();
  // Nor does a failure wait for what was given up.
  if (outcome.exitCode !== 0 && isResolving()) process.kill(process.pid, 'SIGKILL');
}

/** Undefined, and the runtime told so, where stdin cannot be read. */
function input(command: string | undefined): string | undefined {
  try {
    return command === 'VERSION' ? readStdinIfThere(250) : readStdin();
  } catch (cause) {
    const error = new CniError(ErrorCode.io, 'cannot read from stdin', { cause });
    writeFully(STDOUT, renderErrorResult(error, LATEST_VERSION));
    process.exitCode = 1;
    return undefined;
  }
}

/** Waiting ends early then; what is being done to the kernel is brought to its end. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      controller.abort(new Error(`${name} was received`));
    });
  }
  return controller.signal;
}

void main();
