import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { type KubeConfig } from '@kubernetes/client-node';
import { refusal } from '../cni/facts/json.ts';
import { VERSION } from '../cni/version.ts';
import { readLines, textOf, type WatchLimits } from './lines.ts';

/** The API server, asked as whoever the credentials say at that time. */
export interface Api {
  /** One object. @throws {ApiError} */
  readonly get: (path: string, limits: Limits) => Promise<unknown>;
  /** What a watch sends, line by line, until the server ends it. @throws {ApiError} */
  readonly lines: (path: string, limits: WatchLimits) => AsyncIterable<string>;
  /** Creates or changes; a change is a merge patch. Returns what the server holds then. @throws {ApiError} */
  readonly write: (change: Change, limits: Limits) => Promise<unknown>;
}

export interface Change {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: unknown;
}

interface Question {
  readonly method?: 'GET' | Change['method'];
  readonly path: string;
  readonly body?: unknown;
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The API server answered with something else than success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, cause: Error | undefined) {
    super(`the API server answers with status ${status}`, { cause });
    this.status = status;
  }
}

/**
 * The library reads credentials and makes TLS of them; requests are ours, because its `Watch` drops lines that it cannot
 * read, and its `fetch` costs 10 MB.
 */
export function createApi(loadKubeConfig: () => KubeConfig): Api {
  let config: KubeConfig | undefined;

  const attempt = async (question: Question, signal: AbortSignal): Promise<IncomingMessage> => {
    try {
      config ??= loadKubeConfig();
      const response = await send(config, question, signal);
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) return response;
      throw new ApiError(statusCode, refusal(await textOf(response)));
    } catch (error) {
      // Whatever it was, it may have been an old credential: the next attempt reads them afresh.
      if (!isAnswer(error)) config = undefined;
      throw error;
    }
  };
  const open = async (question: Question, signal: AbortSignal): Promise<IncomingMessage> => {
    try {
      return await attempt(question, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return attempt(question, signal);
      throw error;
    }
  };
  const ask = async (question: Question, { timeoutMs, signal }: Limits): Promise<unknown> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await open(question, AbortSignal.any([signal, timeout]));
      return JSON.parse(await textOf(response)) as unknown;
    } catch (error) {
      if (timeout.aborted) throw new Error(`no complete answer after ${timeoutMs} ms`);
      throw error;
    }
  };
  return {
    get: (path, limits) => ask({ path }, limits),
    lines: (path, limits) => readLines((signal) => open({ path }, signal), limits),
    write: ask,
  };
}

const CONTENT_TYPES = { POST: 'application/json', PATCH: 'application/merge-patch+json' };

async function send(
  config: KubeConfig,
  { method = 'GET', path, body }: Question,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('cannot find an API server in the kubeconfig');
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const url = new URL(server.replace(/\/$/, '') + path);
  const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, {
    ...options,
    method,
    headers: {
      ...headers(options),
      ...(method !== 'GET' && { 'content-type': CONTENT_TYPES[method] }),
      accept: 'application/json',
      'user-agent': `sluice-agent/${VERSION}`,
    },
    signal,
  });
  const answered = once(request, 'response').catch((cause: unknown) => {
    throw new Error(`the API server does not answer at ${url.origin}`, { cause });
  });
  // After the response, what goes wrong is told by the response.
  request.on('error', () => undefined);
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await answered) as [IncomingMessage];
  response.socket.setKeepAlive(true, 30_000);
  return response;
}

/** The library passes a token file on as it is, line feed included, which no header takes. */
function headers(options: RequestOptions): Record<string, string> {
  const entries = Object.entries(options.headers ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).trim()]));
}

function isAnswer(error: unknown): boolean {
  return error instanceof ApiError && error.status !== 401 && error.status !== 403;
}
