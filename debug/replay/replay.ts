import { type AttachmentRecord } from '../../cni/attachment.ts';
import { toolboxBeside } from '../../cni/kernel/place.ts';
import { type Rulesets } from '../../cni/kernel/attempt.ts';
import { VERSION } from '../../cni/version.ts';
import { executablePath } from '../../install/config.ts';
import { columns } from '../columns.ts';
import { type Command, couldNotTell, ExitCode, type Place, usageError } from '../command.ts';
import { readCalls } from '../history/calls.ts';
import { callNamed } from '../history/select.ts';
import { type Summary, summaryOf } from '../history/summary.ts';
import { type Style } from '../style.ts';
import { decideAgain, decisionStep, outcomeStep, rulesStep, type Step } from './pure.ts';
import { applyInScratch, kernelStep, type Options } from './scratch.ts';

export const command: Command = {
  usage: '<call>|<namespace>/<pod> [--rules-only]',
  example: 'sluice replay 9f86d081',
  description: [
    'Does one recorded ADD again, with the facts of then, in a netns of its own, and compares decision, rules, what',
    'the kernel made of them and the outcome with the record. `history` lists the calls; of a pod, the last one is taken.',
    "The pod's own netns is not touched; its addresses, routes and rules of others are not part of a replay.",
  ].join('\n'),
  options: {
    'rules-only': {
      type: 'boolean',
      meaning: 'decision and rules alone: nothing is programmed, no root is needed',
    },
  },
  offers: 'pods',
  run: async ({ positionals: [name], flag }, { place }) => {
    if (name === undefined)
      throw usageError('cannot replay nothing: wanted the ID of a call, or a pod');
    const call = callNamed(name, await readCalls(place.stateDir));
    const steps = await replay(call.record, flag('rules-only') ? undefined : place);
    const value = { call: summaryOf(call), steps, version: VERSION };
    const exitCode = steps.every(({ same }) => same) ? ExitCode.fine : ExitCode.problem;
    return { exitCode, value, text: (style) => render(value, style) };
  },
};

async function replay(record: AttachmentRecord, place: Place | undefined): Promise<Step[]> {
  const { facts, error } = record;
  if (!facts) {
    const why = error ? `it failed before: ${error.msg}` : 'they were not kept';
    throw couldNotTell(`cannot replay the call without what was known of the pod: ${why}`);
  }
  const again = await decideAgain(facts, record);
  const rules = rulesStep(record, again);
  const steps = [decisionStep(record, again), ...(rules ? [rules] : [])];
  if ('failure' in again) return [...steps, outcomeStep(record, again.failure)];
  if (!again.rules) return [...steps, outcomeStep(record, 'skipped')];
  return place ? [...steps, ...(await program(record, again.rules, place))] : steps;
}

async function program(record: AttachmentRecord, rules: Rulesets, place: Place): Promise<Step[]> {
  const result = await applyInScratch(rules, {
    toolsDir: toolsIn(place),
    backend: backendOf(record),
  });
  if ('failure' in result) return [outcomeStep(record, result.failure)];
  return [kernelStep(record, rules, result), outcomeStep(record, 'redirected')];
}

function toolsIn({ toolsDir, binDir }: Place): string | undefined {
  return toolsDir ?? toolboxBeside(executablePath({ binDir }), VERSION);
}

function backendOf({ backend }: AttachmentRecord): Options['backend'] {
  return backend === 'iptables-nft' || backend === 'iptables-legacy' ? backend : 'auto';
}

interface Value {
  readonly call: Summary;
  readonly steps: readonly Step[];
}

function render({ call, steps }: Value, style: Style): string {
  const rows = steps.map(({ name, was, now, same }) =>
    same ? [style.good('same'), name, now] : [style.bad('differs'), name, `was ${was}; now ${now}`],
  );
  const { id, pod, startedAt } = call;
  const of = pod ? ` of ${pod.namespace}/${pod.name}` : '';
  return `${style.bold(`Call ${id}${of}, ${startedAt}`)}\n${columns(rows)}`;
}
