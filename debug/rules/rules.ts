import { type Command, ExitCode } from '../command.ts';
import { columns } from '../columns.ts';
import { listRules, type ListedRule } from '../explain/rulelist.ts';
import { wantedOf } from '../live/wanted.ts';
import { readOwnEntry } from '../ownentry.ts';
import { findPod, knownPods, nameOf, parsePodName } from '../pods.ts';
import { type Style } from '../style.ts';

interface Told {
  readonly pod: string;
  /** Who says so: the record of the ADD, or what is known of the pod. */
  readonly from: 'record' | 'facts';
  /** Why the pod has no rules. */
  readonly reason?: string;
  readonly rules: readonly ListedRule[];
}

export const command: Command = {
  usage: '<namespace>/<pod>',
  example: 'sluice rules default/web-0',
  description:
    'The rules that the netns of a pod is to hold, in their order, one sentence each. From the record of its ADD,\n' +
    'else as an ADD would make them now. Nothing is looked at in the netns: `diff` does.',
  options: {},
  offers: 'pods',
  run: async ({ positionals: [text] }, { place }) => {
    const pod = findPod(await knownPods(place), parsePodName(text));
    const wanted = await wantedOf(pod, (await readOwnEntry(place)).config);
    const { from } = wanted;
    const told: Told =
      wanted.action === 'skip'
        ? { pod: nameOf(pod), from, reason: wanted.reason, rules: [] }
        : { pod: nameOf(pod), from, rules: listRules(wanted.rules) };
    return { exitCode: ExitCode.fine, value: told, text: (style) => render(told, style) };
  },
};

function render({ pod, reason, rules }: Told, style: Style): string {
  if (reason !== undefined) return `${style.bold(pod)} is to have no rules: ${reason}\n`;
  const chains = Map.groupBy(rules, ({ table, chain }) => `${table} ${chain}`);
  const parts = [...chains].map(([name, inside]) => {
    const rows = inside.map(({ sentence = '', families, rule }, index) => [
      `  ${index + 1}`,
      families.length === 2 ? sentence : `${sentence} (${families.join()} only)`,
      style.dim(rule.replace(/-m comment --comment (?:"[^"]*"|\S+) /, '')),
    ]);
    return `\n${style.bold(name)}\n${columns(rows)}`;
  });
  return `The rules of ${style.bold(pod)}, in their order\n${parts.join('')}`;
}
