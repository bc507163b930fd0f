import { checkAttachment, deleteAttachment } from '../test/support/chain.ts';
import { afterwards, whileRunning, type Expectation } from './expectations.ts';
import { renderArrivals, renderCalls, renderExpectations, type PodCalls } from './report.ts';
import { readRules, renderRules } from './rules.ts';
import { setStage, type StageOptions } from './stage.ts';
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

  print(
    `\nRules of ${meshed.name}, IPv4\n${rules.ipv4}\nRules of ${meshed.name}, IPv6\n${rules.ipv6}`,
  );
  print(`\nHow long it took, in ms\n${renderCalls(calls)}`);
  print(`\nWhat went where\n${colourTicks(renderArrivals(arrivals))}`);
  print(`\nBesides\n${colourTicks(renderExpectations(expectations))}`);
  return failures(arrivals, expectations);
}

function failures(
  arrivals: readonly Arrival[],
  expectations: readonly Expectation[],
): readonly string[] {
  return [
    ...arrivals
      .filter(({ trip, way }) => way !== trip.expected)
      .map(
        ({ trip, way, evidence }) =>
          `${trip.from} to ${trip.to}:${trip.port} (${trip.protocol}, ${trip.family}): ` +
          `${trip.expected} expected, ${way} seen (${evidence})`,
      ),
    ...expectations.filter(({ holds }) => !holds).map(({ text, seen }) => `${text}: ${seen}`),
  ];
}
