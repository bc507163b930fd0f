import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../cni/version.ts';
import { type FactsOutcome } from './facts.ts';
import { OUTCOMES as REPAIR_OUTCOMES } from './repair/treatment.ts';
import { REPAIR_MODES } from './variables.ts';

/** What the agent counts; the names are a contract. */
export interface Metrics {
  readonly adds: Counter<'decision' | 'outcome'>;
  readonly addSeconds: Histogram<'phase'>;
  readonly facts: Counter<'source'>;
  readonly installs: Counter<'outcome' | 'cause'>;
  readonly conflicts: Counter;
  readonly eventsDropped: Counter<'reason'>;
  readonly podEvents: Counter<'reason' | 'outcome'>;
  readonly repairs: Counter<'action' | 'outcome'>;
  readonly watching: Gauge;
  readonly pods: Gauge<'expected' | 'actual'>;
  readonly censusSeconds: Histogram;
  readonly render: () => Promise<string>;
}

const OUTCOMES: readonly FactsOutcome[] = [
  'watch',
  'disk',
  'apiserver',
  'pod-unknown',
  'uid-mismatch',
  'not-ready',
];

export function createMetrics(knownPods: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: VERSION, node: process.versions.node }, 1);
  new Gauge({
    name: 'sluice_known_pods',
    help: 'Pods of this node whose facts are at hand.',
    registers,
    collect() {
      this.set(knownPods());
    },
  });
  const facts = new Counter({
    name: 'sluice_facts_total',
    help: 'Questions of the plugin about a pod, by who knew it or what was answered instead.',
    labelNames: ['source'],
    registers,
  });
  // A series that begins with its first failure shows no rate for it.
  for (const source of OUTCOMES) facts.inc({ source }, 0);
  const repairs = new Counter({
    name: 'sluice_repairs_total',
    help: 'Pods that were found not to be redirected as they should be, by what was done and what came of it.',
    labelNames: ['action', 'outcome'],
    registers,
  });
  for (const action of REPAIR_MODES) {
    for (const outcome of REPAIR_OUTCOMES) repairs.inc({ action, outcome }, 0);
  }
  return {
    facts,
    repairs,
    adds: new Counter({
      name: 'sluice_adds_total',
      help: 'ADDs the plugin has told of, by decision (redirect, or why not) and outcome.',
      labelNames: ['decision', 'outcome'],
      registers,
    }),
    addSeconds: new Histogram({
      name: 'sluice_add_seconds',
      help: 'Seconds that ADDs spent in each phase.',
      labelNames: ['phase'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    installs: new Counter({
      name: 'sluice_installs_total',
      help: 'Times the plugin was put on the node, by outcome and cause.',
      labelNames: ['outcome', 'cause'],
      registers,
    }),
    conflicts: new Counter({
      name: 'sluice_conflist_conflicts_total',
      help: 'Times somebody else took our entry out of the network configuration.',
      registers,
    }),
    eventsDropped: new Counter({
      name: 'sluice_events_dropped_total',
      help: 'Events of the plugin that were not taken, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    podEvents: new Counter({
      name: 'sluice_pod_events_total',
      help: 'Events about pods, by reason and whether the API server has taken them.',
      labelNames: ['reason', 'outcome'],
      registers,
    }),
    watching: new Gauge({
      name: 'sluice_watching',
      help: '1 while the API server is listened to.',
      registers,
    }),
    pods: new Gauge({
      name: 'sluice_pods',
      help: 'Pods of this node at the last census, by what was expected and what their netns held.',
      labelNames: ['expected', 'actual'],
      registers,
    }),
    censusSeconds: new Histogram({
      name: 'sluice_census_seconds',
      help: 'Seconds that a look at all pods of the node took.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    render: () => registry.metrics(),
  };
}
