import { add, type Added } from './add.ts';
import { type Context } from './context.ts';
import { type Log, LOG_LEVELS } from './log.ts';
import { CniError, detailsOf, ErrorCode, renderErrorResult } from './spec/error.ts';
import { cniVersionOf, type Invocation, parseRequest, type Request } from './spec/request.ts';
import { renderVersions } from './spec/version.ts';

export interface Outcome extends Added {
  readonly exitCode: 0 | 1;
}

/** Runs one CNI command. Never rejects: a failure becomes the error result the runtime expects. */
export async function runPlugin(invocation: Invocation, outside: Context): Promise<Outcome> {
  const { CNI_COMMAND: command, CNI_CONTAINERID: containerId } = invocation.env;
  let context: Context = { ...outside, log: telling(outside.log, { command, containerId }) };
  let request: Request | undefined;
  try {
    request = parseRequest(invocation);
    context = { ...outside, log: telling(outside.log, { command, containerId }, request) };
    return { ...(await run(request, context)), exitCode: 0 };
  } catch (error) {
    const failure = CniError.from(error);
    const stdout = renderErrorResult(failure, cniVersionOf(invocation.stdin));
    const { code, message, cause } = failure;
    // Only a bug's stack tells more than the causes do.
    const stack = code === ErrorCode.internal && cause instanceof Error ? cause.stack : undefined;
    context.log('error', message, { code, details: detailsOf(failure), stack });
    if (request === undefined && command === 'ADD') {
      const { tellUnread } = await import('./unread.ts');
      await tellUnread(invocation, failure, await context.host());
    }
    return { stdout, exitCode: 1 };
  }
}

/** A log whose every line says what it is about, as far as that is known, and that is as quiet as configured. */
function telling(log: Log, about: Readonly<Record<string, unknown>>, request?: Request): Log {
  const least = request !== undefined && 'config' in request ? request.config.logLevel : 'info';
  const pod = request !== undefined && 'pod' in request ? request.pod : undefined;
  return (level, msg, fields) => {
    if (LOG_LEVELS[level] >= LOG_LEVELS[least]) log(level, msg, { ...about, pod, ...fields });
  };
}

async function run(request: Request, context: Context): Promise<Added> {
  switch (request.command) {
    case 'ADD':
      return add(request, context);
    case 'CHECK': {
      const { check } = await import('./check.ts');
      await check(request, context);
      return { stdout: '' };
    }
    case 'DEL':
    case 'GC': {
      const { forget } = await import('./forget.ts');
      await forget(request, context);
      return { stdout: '' };
    }
    case 'STATUS':
      // An un-meshed pod's ADD needs nothing of ours, and a failing STATUS takes the whole node away.
      return { stdout: '' };
    case 'VERSION':
      return { stdout: renderVersions(request.cniVersion) };
  }
}
