import { checkAttachment, deleteAttachment } from '../test/support/chain.ts';
import { afterwards, whileRunning, type Expectation } from './expectations.ts';
import {
  renderCalls,
  renderConnections,
  renderExpectations,
  renderQueries,
  type PodCalls,
} from './report.ts';
import { readRules, renderRules } from './rules.ts';
import { chainOf, setStage, type StageOptions } from './stage.ts';
import { colourTicks } from './table.ts';
import { travel, type Arrival } from './travel.ts';
import { trips } from './trips.ts';

export interface DemoOptions extends StageOptions {
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Shows the main job once. @returns what did not turn out as expected, a line each */
export async function runDemo(options: DemoOptions): Promise<readonly string[]> {
  const { step, print, signal } = options;
  const stage = await setStage(options);
  const { runtime, meshed, unmeshed, world } = stage;

  step(`${trips.length} requests as the application's and the sidecar's user`);
  const arrivals: Arrival[] = [];
  for (const trip of trips) {
    signal.throwIfAborted();
    arrivals.push(await travel(trip, world));
  }
  const running = await whileRunning(stage, arrivals);
  const rules = {
    ipv4: renderRules(await readRules(meshed.netns, 'ipv4')),
    ipv6: renderRules(await readRules(meshed.netns, 'ipv6')),
  };

  step('CHECK, then DEL of both pods');
  const calls: PodCalls[] = [];
  for (const { name, attachment, added } of [meshed, unmeshed]) {
    const checked = await checkAttachment(runtime, attachment, added);
    const deleted = await deleteAttachment(runtime, attachment, added);
    calls.push({ pod: name, ADD: added.calls, CHECK: checked, DEL: deleted });
  }
  const expectations = [...running, ...(await afterwards(stage))];

  print(`\nWhat went where\n${explanation}`);
  print(`\n${colourTicks(renderConnections(arrivals))}`);
  print(`\n${colourTicks(renderQueries(arrivals))}`);
  print(`\nWhat else must be so\n${colourTicks(renderExpectations(expectations))}`);
  print(`\nHow long the calls took, in ms; all plugins are ${chainOf(runtime)}\n`);
  print(renderCalls(calls));
  print(`\nRules of ${meshed.name}, IPv4\n${rules.ipv4}`);
  print(`\nRules of ${meshed.name}, IPv6\n${rules.ipv6}`);
  return failures(arrivals, expectations);
}

/** What makes a row of the tables a proof. */
const explanation = `  sidecar   HAProxy's log names the client's connection and where it wanted to go
  direct    the server saw the very address and port that the client sent from
  DNS       the two nameservers give different answers
`;

function failures(
  arrivals: readonly Arrival[],
  expectations: readonly Expectation[],
): readonly string[] {
  return [
    ...arrivals
      .filter(({ trip, way }) => way !== trip.expected)
      .map(
        ({ trip, way, told }) =>
          `${trip.from} to ${trip.to}:${trip.port} (${trip.protocol}, ${trip.family}): ` +
          `${trip.expected} expected, ${way} seen (${told})`,
      ),
    ...expectations.filter(({ holds }) => !holds).map(({ text, seen }) => `${text}: ${seen}`),
  ];
}
