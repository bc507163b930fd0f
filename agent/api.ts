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
}

interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The API server answered with something else than 200. */
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

  const attempt = async (path: string, signal: AbortSignal): Promise<IncomingMessage> => {
    try {
      config ??= loadKubeConfig();
      const response = await send(config, path, signal);
      if (response.statusCode === 200) return response;
      throw new ApiError(response.statusCode ?? 0, refusal(await textOf(response)));
    } catch (error) {
      // Whatever it was, it may have been an old credential: the next attempt reads them afresh.
      if (!isAnswer(error)) config = undefined;
      throw error;
    }
  };
  const open = async (path: string, signal: AbortSignal): Promise<IncomingMessage> => {
    try {
      return await attempt(path, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return attempt(path, signal);
      throw error;
    }
  };
  return {
    get: async (path, { timeoutMs, signal }) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        const response = await open(path, AbortSignal.any([signal, timeout]));
        return JSON.parse(await textOf(response)) as unknown;
      } catch (error) {
        if (timeout.aborted) throw new Error(`no complete answer after ${timeoutMs} ms`);
        throw error;
      }
    },
    lines: (path, limits) => readLines((signal) => open(path, signal), limits),
  };
}

async function send(
  config: KubeConfig,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('cannot find an API server in the kubeconfig');
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const url = new URL(server.replace(/\/$/, '') + path);
  const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, {
    ...options,
    headers: {
      ...headers(options),
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
  request.end();
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
