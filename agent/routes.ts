import { type IncomingMessage } from 'node:http';
import { type Census } from './census/census.ts';
import { MAX_EVENT_BYTES, type TakeEvent } from './events.ts';
import { type AskForPod, type FactsOutcome } from './facts.ts';
import { readBody, refuse, type Reply } from './reply.ts';

export interface Routes {
  readonly askForPod: AskForPod;
  readonly takeEvent: TakeEvent;
  readonly status: () => unknown;
  readonly countFacts: (outcome: FactsOutcome) => void;
  readonly census: ListedCensus;
}

export interface ListedCensus extends Pick<Census, 'take' | 'last'> {
  /** Why it would miss pods; `[]`: it would not. */
  readonly unlisted: () => readonly string[];
}

/** What the agent answers on its socket. */
export async function route(request: IncomingMessage, routes: Routes): Promise<Reply> {
  const url = URL.parse(`http://agent${request.url ?? '/'}`);
  if (!url) return refuse(400, 'bad-request', 'cannot read the path of the request');
  const { pathname, searchParams } = url;
  const [version, resource, ...rest] = pathname.split('/').slice(1);
  const asked = version === 'v1' ? `${request.method ?? ''} ${resource ?? ''}` : '';
  if (asked === 'GET pods') return askForPod(rest, searchParams.get('uid'), routes);
  if (asked === 'POST events' && rest.length === 0) return takeEvent(request, routes);
  if (asked === 'GET status' && rest.length === 0) return { status: 200, body: routes.status() };
  if (asked === 'GET census' && rest.length === 0)
    return refuseCensus(routes) ?? lastCensus(routes);
  if (asked === 'POST census' && rest.length === 0)
    return refuseCensus(routes) ?? takeCensus(routes);
  const wanted =
    'GET /v1/pods/<namespace>/<name>, GET /v1/status, POST /v1/events or GET or POST /v1/census';
  return refuse(
    404,
    'not-found',
    `cannot serve ${request.method ?? ''} ${pathname}: wanted ${wanted}`,
  );
}

async function askForPod(
  path: readonly string[],
  uid: string | null,
  { askForPod: ask, countFacts }: Routes,
): Promise<Reply> {
  const [namespace = '', name = '', ...more] = path.map(decoded);
  if (namespace === '' || name === '' || more.length > 0) {
    return refuse(400, 'bad-request', 'cannot tell which pod: wanted /v1/pods/<namespace>/<name>');
  }
  const { outcome, ...reply } = await ask({ namespace, name, uid: uid ?? undefined });
  countFacts(outcome);
  return reply;
}

async function takeEvent(request: IncomingMessage, { takeEvent: take }: Routes): Promise<Reply> {
  const body = await readBody(request, MAX_EVENT_BYTES);
  if (body === undefined)
    return refuse(413, 'too-large', 'cannot take an event of more than 2 MiB');
  switch (take(body)) {
    case 'taken':
      return { status: 202, body: {} };
    case 'full':
      return refuse(429, 'too-many', 'cannot take more events now');
    case 'unreadable':
      return refuse(400, 'bad-request', 'cannot read event: wanted a record or a log line');
  }
}

/** No pods are no all-clear as long as nobody has told which there are. */
function refuseCensus({ census }: Routes): Reply | undefined {
  const reasons = census.unlisted();
  return reasons.length === 0 ? undefined : refuse(503, 'not-ready', reasons.join('; '));
}

function lastCensus({ census }: Routes): Reply {
  const report = census.last();
  if (!report) return refuse(503, 'not-ready', 'cannot tell yet: the first census is under way');
  return { status: 200, body: report };
}

async function takeCensus({ census }: Routes): Promise<Reply> {
  return { status: 200, body: await census.take() };
}

function decoded(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    return '';
  }
}
