import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { PodRef } from '../spec/args.ts';
import { parseObject, refusal } from './json.ts';
import { type ApiServer, readKubeconfig } from './kubeconfig.ts';
import { collect, enforce, type Limits } from './limits.ts';
import type { Response } from './response.ts';
import { type Answer, SourceError } from './source.ts';

/** Asks the API server of a kubeconfig for a pod. Proxies of the environment are not used. @throws {SourceError} */
export async function readFromApiServer(
  kubeconfig: string,
  { namespace, name }: PodRef,
  limits: Limits,
): Promise<Answer> {
  const startedAt = performance.now();
  const server = await readKubeconfig(kubeconfig).catch((cause: unknown) => {
    throw new SourceError(`the kubeconfig of apiFallback cannot be used`, { cause, retry: false });
  });
  const timeoutMs = limits.timeoutMs - (performance.now() - startedAt);
  const response = await exchange(server, podPath(namespace, name), { ...limits, timeoutMs }).catch(
    (cause: unknown) => {
      throw noAnswer(server, cause);
    },
  );
  if (response.status !== 200) throw refused(server, response);
  const pod = parseObject(response.body, 'the API server');
  return { pod, source: 'apiserver', observedAt: undefined };
}

function podPath(namespace: string, name: string): string {
  const [inNamespace, called] = [namespace, name].map((text) =>
    encodeURIComponent(text.toWellFormed()),
  );
  return `/api/v1/namespaces/${inNamespace ?? ''}/pods/${called ?? ''}`;
}

function exchange(server: ApiServer, path: string, limits: Limits): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = createRequest(server, path);
    const giveUp = (error: Error): void => {
      reject(error);
      request.destroy();
    };
    const callOff = enforce(limits, giveUp);
    request.on('error', reject);
    request.on('close', () => {
      callOff();
      reject(new Error('the connection ended before the answer did'));
    });
    request.on('response', (response) => {
      const received = collect(response, giveUp);
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: received().toString('utf8') });
      });
    });
    request.end();
  });
}

function createRequest({ url, token, ...tls }: ApiServer, path: string): ClientRequest {
  const options = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: `${url.pathname.replace(/\/$/, '')}${path}`,
    agent: false,
    headers: {
      accept: 'application/json',
      'user-agent': 'sluice-cni',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  } as const;
  if (url.protocol === 'http:') return httpRequest(options);
  const { ca, cert, key, tlsServerName: servername, skipTlsVerify } = tls;
  return httpsRequest({
    ...options,
    rejectUnauthorized: !skipTlsVerify,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername !== undefined && { servername }),
  });
}

function noAnswer({ url }: ApiServer, cause: unknown): SourceError {
  const retry = !(cause instanceof RangeError);
  return new SourceError(`the API server does not answer at ${url.origin}`, { cause, retry });
}

function refused({ url }: ApiServer, { status, body }: Response): SourceError {
  const message =
    status === 404
      ? 'the API server does not know the pod yet'
      : `the API server at ${url.origin} answers with status ${status}`;
  const retry = status === 404 || status === 429 || status >= 500;
  return new SourceError(message, { cause: refusal(body), retry });
}
