import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { listRecords } from '../../cni/record.ts';
import { columns } from '../columns.ts';
import { type Command, CommandError, ExitCode, type Io } from '../command.ts';
import { type Style } from '../style.ts';
import { agentSources } from './agent.ts';
import { collect, type Item } from './collect.ts';
import { commandSources } from './commands.ts';
import { logSources } from './logs.ts';
import { nodeSources, stateSources } from './node.ts';
import { OPTIONS, readWanted } from './options.ts';
import { createRedact } from './redact.ts';
import { ruleSources } from './rules.ts';
import { knownSecrets } from './secrets.ts';
import { type Source } from './source.ts';
import { tarball } from './tar.ts';

/** Of pods, the last ones; a report of a node with more says which ones it left out. */
const MOST_PODS = 100;

export const command: Command = {
  usage: '[--dry-run] [--since <time>] [--max-size <size>] [--file <path>]',
  example: 'sluice bugreport --dry-run',
  description: [
    'Writes one archive (.tar.gz, for root alone) of what a bug report needs: configurations, records, what the other',
    'commands find, the rules of each pod in both backends, the agent, logs, versions. Without secrets: tokens, keys,',
    'passwords, and annotations, arguments and variables that are not about redirection are taken out. Look at it',
    'before you send it.',
  ].join('\n'),
  options: OPTIONS,
  offers: [],
  run: async (args, io) => {
    const now = new Date();
    const { since, maxBytes, timeoutMs } = readWanted(args, now);
    const sources = await sourcesOf(io, since, args.text('logs'));
    if (args.flag('dry-run')) {
      const items = sources.map(({ name, what }) => ({ name, what }));
      const value = { file: undefined, bytes: 0, items };
      return { exitCode: ExitCode.fine, value, text: renderPlan(items) };
    }
    const redact = createRedact(await knownSecrets(io));
    const { files, items } = await collect(sources, redact, {
      maxBytes,
      timeoutMs,
      signal: io.signal,
    });
    const manifest = {
      name: 'manifest.json',
      text: `${JSON.stringify({ madeAt: now.toISOString(), items }, undefined, 2)}\n`,
    };
    const folder = `sluice-${hostname()}-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    const archive = tarball(
      [manifest, ...files].map(({ name, text }) => ({ name: `${folder}/${name}`, text })),
      now,
    );
    const file = await write(args.text('file') ?? `${folder}.tar.gz`, archive, io);
    const value = { file, bytes: archive.length, items };
    return {
      exitCode: ExitCode.fine,
      value,
      text: (style) => (file === '-' ? '' : renderReport(value, style)),
    };
  },
};

async function sourcesOf(io: Io, since: Date, podLogs: string | undefined): Promise<Source[]> {
  const records = recordsOf(io);
  const pods = new Set(records.flatMap(({ pod }) => (pod ? [`${pod.namespace}/${pod.name}`] : [])));
  // What says most comes first, in case that the archive gets full.
  return [
    ...nodeSources(io),
    ...agentSources(io),
    ...commandSources([...pods], io),
    ...ruleSources(records, io.place),
    ...(await stateSources(io.place)),
    ...(await logSources(since, podLogs)),
  ];
}

/** Newest first. A report without records is still one. */
function recordsOf({ place }: Io): AttachmentRecord[] {
  try {
    const records = listRecords(place.stateDir);
    return records.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, MOST_PODS);
  } catch {
    return [];
  }
}

async function write(name: string, archive: Buffer, { cwd }: Io): Promise<string> {
  if (name === '-') {
    await new Promise((done) => process.stdout.write(archive, done));
    return name;
  }
  const path = resolve(cwd, name);
  try {
    writeFileSync(path, archive, { mode: 0o600, flag: 'wx' });
    return path;
  } catch (cause) {
    throw new CommandError(ExitCode.unknown, `cannot write "${path}": choose another --file`, {
      cause,
    });
  }
}

function renderPlan(items: readonly Pick<Item, 'name' | 'what'>[]): (style: Style) => string {
  return (style) => {
    const rows = items.map(({ name, what }) => [what, style.dim(name)]);
    return `${style.bold('would read and run, and redact')}\n${columns(rows)}`;
  };
}

function renderReport(
  {
    file,
    bytes,
    items,
  }: { readonly file: string; readonly bytes: number; readonly items: readonly Item[] },
  style: Style,
): string {
  const missing = items.filter(({ outcome }) => outcome !== 'collected');
  const lines = missing.map(({ outcome, what, reason = '' }) => {
    const [why = ''] = reason.split('\n');
    return `${style.odd(outcome)}: ${what}\n  ${style.dim(why)}\n`;
  });
  const count = items.length - missing.length;
  const size = Math.ceil(bytes / 1_024);
  const advice =
    'look at it before you send it: what is a secret to you alone, nobody else can know';
  return `${style.bold(file)}: ${count} files, ${size} KiB\n${lines.join('')}${advice}\n`;
}
