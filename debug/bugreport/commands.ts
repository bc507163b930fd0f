import { parseArguments } from '../arguments.ts';
import { type Command, type Io } from '../command.ts';
import { type Source } from './source.ts';

type Load = () => Promise<{ readonly command: Command }>;

/** Commands whose findings belong to a report, as they are printed as JSON. */
const NODE: Readonly<Record<string, Load>> = {
  status: () => import('../check/status.ts'),
  check: () => import('../check/check.ts'),
  census: () => import('../census/census.ts'),
  conflist: () => import('../conflist/conflist.ts'),
  history: () => import('../history/history.ts'),
};
const POD: Readonly<Record<string, Load>> = {
  explain: () => import('../explain/explain.ts'),
  rules: () => import('../rules/rules.ts'),
  diff: () => import('../diff/diff.ts'),
};

/** What other commands find: of the node, and of each pod. */
export function commandSources(pods: readonly string[], io: Io): Source[] {
  return [
    ...Object.entries(NODE).map(([name, load]) =>
      source(`commands/${name}.json`, { name, load, args: [] }, io),
    ),
    ...pods.flatMap((pod) =>
      Object.entries(POD).map(([name, load]) =>
        source(`pods/${pod.replace('/', '_')}/${name}.json`, { name, load, args: [pod] }, io),
      ),
    ),
  ];
}

function source(
  file: string,
  {
    name,
    load,
    args,
  }: { readonly name: string; readonly load: Load; readonly args: readonly string[] },
  io: Io,
): Source {
  return {
    name: file,
    what: `run ${[name, ...args, '-o json'].join(' ')}`,
    collect: async (signal) => {
      const { command } = await load();
      const { exitCode, value } = await command.run(parseArguments(args, command.options), {
        ...io,
        signal,
      });
      return `${JSON.stringify({ exitCode, value }, undefined, 2)}\n`;
    },
  };
}
