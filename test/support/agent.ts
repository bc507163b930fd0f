import { once } from 'node:events';
import { createServer } from 'node:http';

/** What the fake agent needs to know of a v1 Pod itself; all of it goes to the plugin. */
export interface AgentPod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
}

export interface FakeAgent {
  readonly socket: string;
  /** Requests so far, e.g. `GET /v1/pods/demo/web-0?uid=1`. */
  readonly requests: readonly string[];
  readonly close: () => void;
}

/** Answers `GET /v1/pods/…` as the agent does, for the pods that are in the list at that time. */
export async function serveAgent(socket: string, pods: readonly AgentPod[]): Promise<FakeAgent> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.method === 'POST') {
      request.resume();
      response.writeHead(202).end();
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
    const [namespace, name] = pathname.split('/').slice(3).map(decodeURIComponent);
    const { status, body } = answer(
      pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
      searchParams.get('uid'),
    );
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await once(server.listen(socket), 'listening');
  return {
    socket,
    requests,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(pod: AgentPod | undefined, uid: string | null): { status: number; body: unknown } {
  if (!pod) return failure(404, 'pod-unknown', 'no such pod on this node');
  if (uid && uid !== pod.metadata.uid) return failure(409, 'uid-mismatch', 'another pod');
  return {
    status: 200,
    body: { pod, source: 'watch', observedAt: new Date().toISOString() },
  };
}

function failure(status: number, code: string, message: string): { status: number; body: unknown } {
  return { status, body: { error: { code, message } } };
}
