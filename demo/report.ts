import { type Call } from '../test/support/chain.ts';
import { type Expectation } from './expectations.ts';
import { renderTable, tick } from './table.ts';
import { type Arrival } from './travel.ts';

const verbs = ['ADD', 'CHECK', 'DEL'] as const;

/** The calls of all plugins for a pod. */
export type PodCalls = { readonly pod: string } & Readonly<
  Record<(typeof verbs)[number], readonly Call[]>
>;

export function renderCalls(pods: readonly PodCalls[]): string {
  const header = ['pod', 'call', 'sluice-cni', 'all plugins', 'last that sluice-cni logged'];
  const rows = pods.flatMap(({ pod, ...calls }) =>
    verbs.map((verb) => {
      const all = calls[verb].reduce((sum, { ms }) => sum + ms, 0);
      const ours = calls[verb].find(({ type }) => type === 'sluice-cni');
      const times = [ours?.ms.toFixed(0).padStart(10) ?? '', all.toFixed(0).padStart(11)];
      return [pod, verb, ...times, lastWord(ours?.stderr ?? '')];
    }),
  );
  return renderTable([header, ...rows]);
}

export function renderConnections(arrivals: readonly Arrival[]): string {
  const header = [...columns, 'sidecar saw target', 'server saw source'];
  const rows = arrivals
    .filter(({ trip }) => trip.protocol === 'http')
    .map((arrival) => [...cells(arrival), arrival.target ?? '', arrival.told]);
  return renderTable([header, ...rows]);
}

export function renderQueries(arrivals: readonly Arrival[]): string {
  const header = [...columns, 'over', 'answer'];
  const rows = arrivals
    .filter(({ trip }) => trip.protocol !== 'http')
    .map((arrival) => [...cells(arrival), arrival.trip.protocol, arrival.told]);
  return renderTable([header, ...rows]);
}

export function renderExpectations(expectations: readonly Expectation[]): string {
  return renderTable(expectations.map(({ holds, text, seen }) => [tick(holds), text, seen]));
}

const columns = ['', 'from (uid)', 'to', '', 'because', 'went'];

function cells({ trip, way }: Arrival): string[] {
  const { from, uid, to, port, family, why } = trip;
  return [tick(way === trip.expected), `${from} (${uid})`, `${to}:${port}`, family, why, way];
}

/** The last log line's message, and the reason if it has one: `not redirected: not-injected`. */
function lastWord(log: string): string {
  const line = log.split('\n').findLast((text) => text.startsWith('{')) ?? '{}';
  const { msg, reason } = JSON.parse(line) as { msg?: string; reason?: string };
  return [msg, reason].filter((word) => word !== undefined).join(': ');
}
