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
  const header = ['pod', '', 'sluice-cni', 'whole chain', "sluice-cni's log"];
  const rows = pods.flatMap(({ pod, ...calls }) =>
    verbs.map((verb) => {
      const chain = calls[verb].reduce((sum, { ms }) => sum + ms, 0);
      const ours = calls[verb].find(({ type }) => type === 'sluice-cni');
      const times = [ours?.ms.toFixed(0).padStart(10) ?? '', chain.toFixed(0).padStart(11)];
      return [pod, verb, ...times, lastWord(ours?.stderr ?? '')];
    }),
  );
  return renderTable([header, ...rows]);
}

export function renderArrivals(arrivals: readonly Arrival[]): string {
  const header = ['', 'from', 'to', '', '', 'because', 'went', 'evidence'];
  const rows = arrivals.map(({ trip, way, evidence }) => [
    tick(way === trip.expected),
    `${trip.from}, uid ${trip.uid}`,
    `${trip.to}:${trip.port}`,
    trip.protocol === 'http' ? 'http' : `dns/${trip.protocol}`,
    trip.family,
    trip.why,
    way,
    evidence,
  ]);
  return renderTable([header, ...rows]);
}

export function renderExpectations(expectations: readonly Expectation[]): string {
  return renderTable(expectations.map(({ holds, text, seen }) => [tick(holds), text, seen]));
}

/** The last log line's message, and the reason if it has one: `not redirected: not-injected`. */
function lastWord(log: string): string {
  const line = log.split('\n').findLast((text) => text.startsWith('{')) ?? '{}';
  const { msg, reason } = JSON.parse(line) as { msg?: string; reason?: string };
  return [msg, reason].filter((word) => word !== undefined).join(': ');
}
