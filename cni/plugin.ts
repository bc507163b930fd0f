import { add, type Added } from './add.ts';
import { type Context } from './context.ts';
import { causes, CniError, ErrorCode, renderErrorResult } from './spec/error.ts';
import { cniVersionOf, type Invocation, parseRequest, type Request } from './spec/request.ts';
import { renderVersions } from './spec/version.ts';

export interface Outcome extends Added {
  readonly exitCode: 0 | 1;
}

/** Runs one CNI command. Never rejects: a failure becomes the error result the runtime expects. */
export async function runPlugin(invocation: Invocation, context: Context): Promise<Outcome> {
  try {
    return { ...(await run(parseRequest(invocation), context)), exitCode: 0 };
  } catch (error) {
    const failure = CniError.from(error);
    const stdout = renderErrorResult(failure, cniVersionOf(invocation.stdin));
    const { code, message, cause } = failure;
    // Only a bug's stack tells more than the causes do.
    const stack = code === ErrorCode.internal && cause instanceof Error ? cause.stack : undefined;
    const command = invocation.env.CNI_COMMAND;
    context.log('error', message, { command, code, details: causes(failure), stack });
    return { stdout, exitCode: 1 };
  }
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
