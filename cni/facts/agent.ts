import { connect } from 'node:net';
import type { PodRef } from '../spec/args.ts';
import { parseObject, refusal } from './json.ts';
import { collect, enforce, type Limits } from './limits.ts';
import { parseResponse, type Response } from './response.ts';
import { type Answer, type FactsSource, SourceError } from './source.ts';

/** Asks the agent for a pod. @throws {SourceError} */
export async function readFromAgent(
  socketPath: string,
  { namespace, name, uid }: PodRef,
  limits: Limits,
): Promise<Answer> {
  const pod = `/v1/pods/${component(namespace)}/${component(name)}`;
  const path = uid === undefined ? pod : `${pod}?uid=${component(uid)}`;
  const response = await exchange(socketPath, ['GET', path, ''], limits).catch((cause: unknown) => {
    throw noAnswer(socketPath, cause);
  });
  if (response.status !== 200) throw refused(socketPath, response);
  const { pod: json, source, observedAt } = parseObject(response.body, 'the agent');
  return {
    pod: json,
    source: SOURCES.get(source) ?? 'agent/other',
    observedAt: typeof observedAt === 'string' ? observedAt : undefined,
  };
}

/**
 * Tells the agent about something, if it listens. Never rejects, and never takes longer than `timeoutMs`.
 *
 * Resolves as soon as the kernel has it all: it keeps it for the agent, also when we are gone.
 */
export async function postEvent(socketPath: string, event: unknown, timeoutMs = 50): Promise<void> {
  try {
    await send(socketPath, renderRequest(['POST', '/v1/events', JSON.stringify(event)]), timeoutMs);
  } catch {
    // An event is a courtesy: what happened is in the record and in the answer to the runtime as well.
  }
}

function send(socketPath: string, request: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    // Who had no processor for so long first sees whether the kernel has connected it meanwhile.
    const timer = setTimeout(() => setImmediate(done), timeoutMs);
    socket.on('error', done);
    socket.end(request, done);
  });
}

const SOURCES: ReadonlyMap<unknown, FactsSource> = new Map([
  ['watch', 'agent/watch'],
  ['apiserver', 'agent/apiserver'],
  ['disk', 'agent/disk'],
]);

function component(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** One request, one connection. Over `node:net`, because `node:http` costs a fresh process 3 to 6 ms more. */
async function exchange(
  socketPath: string,
  request: readonly [method: string, path: string, body: string],
  limits: Limits,
): Promise<Response> {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const socket = connect(socketPath);
    const giveUp = (error: Error): void => {
      reject(error);
      socket.destroy();
    };
    const callOff = enforce(limits, giveUp);
    const received = collect(socket, giveUp);
    socket.on('error', reject);
    socket.on('close', () => {
      callOff();
      resolve(received());
    });
    socket.write(renderRequest(request));
  });
  return parseResponse(bytes);
}

function renderRequest([method, path, body]: readonly [string, string, string]): string {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: agent', 'Connection: close'];
  const content = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  return [...head, ...(body === '' ? [] : content), '', body].join('\r\n');
}

function noAnswer(socketPath: string, cause: unknown): SourceError {
  // Nobody there, or gone in the middle: it may be about to start. Nonsense stays nonsense.
  const retry = !(cause instanceof SyntaxError || cause instanceof RangeError);
  const message = retry
    ? `the agent does not answer at ${socketPath} (is the sluice-agent pod running on this node?)`
    : `what answers at ${socketPath} is not the agent`;
  return new SourceError(message, { cause, retry });
}

const STATES: Readonly<Record<number, string>> = {
  404: 'the agent does not know the pod yet',
  409: 'the agent knows another pod of this name',
  503: 'the agent is not ready yet',
};

function refused(socketPath: string, { status, body }: Response): SourceError {
  const message = STATES[status] ?? `the agent at ${socketPath} answers with status ${status}`;
  return new SourceError(message, {
    cause: refusal(body),
    retry: status in STATES || status >= 500,
  });
}
