import { parseArguments } from '../../debug/arguments.ts';
import { type Command, type Io, type Place, type Report } from '../../debug/command.ts';
import { PLAIN } from '../../debug/style.ts';
import { assertFits } from './schema.ts';

/** What a command tells, its text as on no terminal. */
export interface Told extends Omit<Report, 'text' | 'value'> {
  readonly text: string;
  /** As `-o json` prints it. */
  readonly value: unknown;
}

interface Surroundings extends Partial<Omit<Io, 'place'>> {
  readonly place?: Partial<Place>;
}

/** Runs a command in this process, on a node that is somewhere else; what it finds must fit its schema. */
export async function invoke(
  { example, options, rewrite, run }: Command,
  args: readonly string[],
  { place, ...io }: Surroundings = {},
): Promise<Told> {
  const { exitCode, value, text } = await run(parseArguments(rewrite?.(args) ?? args, options), {
    stdout: () => undefined,
    stderr: () => undefined,
    stdin: () => '',
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
    ...io,
    place: { ...nowhere, ...place },
  });
  const json = JSON.parse(JSON.stringify(value)) as unknown;
  const [, name = ''] = /\bsluice (\S+)/.exec(example) ?? [];
  assertFits(name, json);
  return { exitCode, value: json, text: text(PLAIN) };
}

const nowhere: Place = {
  stateDir: '/nonexistent/state',
  agentSocket: '/nonexistent/agent.sock',
  netDir: '/nonexistent/net.d',
  binDir: '/nonexistent/bin',
  toolsDir: undefined,
};
