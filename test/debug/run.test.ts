import assert from 'node:assert/strict';
import {
  type Command,
  couldNotTell,
  ExitCode,
  type Io,
  usageError,
  type Entry,
} from '../../debug/command.ts';
import { placeOf } from '../../debug/place.ts';
import { runCommand } from '../../debug/run.ts';
import { COLOURED, PLAIN } from '../../debug/style.ts';

const refused = Object.assign(new Error('refused'), { code: 'EACCES' });

const greet: Command = {
  usage: '<name> [--loud]',
  example: 'sluice greet you',
  description: 'Says hello.',
  options: {
    loud: { type: 'boolean', short: 'l', meaning: 'shout' },
    tone: { type: 'string', words: ['kind', 'rude'], meaning: 'how' },
  },
  offers: ['you'],
  run: ({ positionals: [name], flag, text }) => {
    if (name === undefined) throw usageError('cannot greet nobody: wanted <name>');
    if (name === 'ghost') throw couldNotTell('cannot see "ghost"', new Error('it is dark'));
    if (name === 'stranger') throw couldNotTell('cannot know "stranger"', refused);
    if (name === 'bug') throw new TypeError('x is not a function');
    const value = { name, loud: flag('loud'), tone: text('tone') };
    const exitCode = text('tone') === 'rude' ? ExitCode.problem : ExitCode.fine;
    return Promise.resolve({ exitCode, value, text: () => `hello ${name}\n` });
  },
};

const commands: Readonly<Record<string, Entry>> = {
  greet: { summary: 'says hello', load: () => Promise.resolve({ command: greet }) },
  status: { summary: 'how it is', load: () => Promise.reject(new Error('not loaded')) },
};

const run = (...args: string[]): Promise<Ran> => runAs('sluice', ...args);

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function runAs(program: string, ...args: string[]): Promise<Ran> {
  let [out, err] = ['', ''];
  const io: Io = {
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
    stdin: () => '',
    env: {},
    cwd: '/',
    place: placeOf({}),
    signal: new AbortController().signal,
  };
  const code = await runCommand({ program, args, style: PLAIN }, commands, io);
  return { code, out, err };
}

describe('runCommand()', () => {
  const cases: readonly [line: string, code: number, out: string, err: string][] = [
    ['greet you', 0, 'hello you\n', ''],
    ['greet you --tone rude', 1, 'hello you\n', ''],
    ['greet you -l -o json', 0, '{\n  "name": "you",\n  "loud": true\n}\n', ''],
    ['greet you -o yaml', 0, 'name: you\nloud: false\n', ''],
    ['greet', 2, '', 'sluice: cannot greet nobody: wanted <name>\n'],
    ['greet ghost', 3, '', 'sluice: cannot see "ghost"\n  it is dark\n'],
    ['greet bug', 3, '', 'sluice: x is not a function\n'],
    ['greet you --tone odd', 2, '', 'sluice: cannot use --tone "odd": expected kind, rude\n'],
    ['greet you -o xml', 2, '', 'sluice: cannot use --output "xml": expected text, json, yaml\n'],
    ['greet --quiet', 2, '', "sluice: cannot read the arguments: unknown option '--quiet'\n"],
    [
      'gret you',
      2,
      '',
      'sluice: cannot run "gret": did you mean "greet"? `sluice --help` lists all\n',
    ],
    ['constructor', 2, '', 'sluice: cannot run "constructor": `sluice --help` lists all\n'],
    [
      '-o json greet',
      2,
      '',
      'sluice: cannot use "-o" in front of a command: wanted sluice <command> …\n',
    ],
    [
      'greet you me',
      2,
      '',
      'sluice: cannot use "me" as well: wanted sluice greet <name> [--loud]\n',
    ],
    [
      'greet stranger',
      3,
      '',
      'sluice: cannot know "stranger"\n  refused\n  is this run as root?\n',
    ],
    ['--version', 0, 'sluice 0.0.0-source\n', ''],
  ];
  for (const [line, code, out, err] of cases) {
    it(`ends with ${code}: ${line}`, async () => {
      assert.deepEqual(await run(...line.split(' ')), { code, out, err });
    });
  }

  for (const line of [[], ['--help'], ['-h'], ['help']]) {
    it(`lists all commands, and loads none: ${line.join(' ') || 'without arguments'}`, async () => {
      const { code, out } = await run(...line);
      assert.equal(code, 0);
      assert.match(out, /^ {2}greet {3}says hello\n {2}status {2}how it is$/m);
    });
  }

  for (const line of ['greet --help', 'greet ghost -h', 'help greet']) {
    it(`tells what a command does, and how it is used: ${line}`, async () => {
      const { code, out } = await run(...line.split(' '));
      assert.equal(code, 0);
      assert.match(out, /^Usage: sluice greet <name> \[--loud\]\n\nSays hello.\n/);
      assert.match(out, /^ {2}-l, --loud +shout$/m);
      assert.match(out, /^ {2} {4}--tone kind\|rude +how$/m);
      assert.match(out, /^Example:\n {2}sluice greet you$/m);
    });
  }

  it('calls itself in the example as it was called', async () => {
    assert.match((await runAs('sluice-cni', 'greet', '-h')).out, /\n {2}sluice-cni greet you$/m);
  });

  it('lets a terminal obey nothing but our own colours', async () => {
    const evil = '\u001b]0;title\u0007\u001b[2J\u009b\u202e\r';
    const shown = String.raw`\u001b]0;title\u0007\u001b[2J\u009b\u202e\u000d`;
    assert.equal((await run('greet', evil)).out, `hello ${shown}\n`);
    assert.ok((await run(evil)).err.startsWith(`sluice: cannot run "${shown}"`));
    assert.equal((await run('greet', COLOURED.bad('you'))).out, `hello ${COLOURED.bad('you')}\n`);
  });

  it('takes what stands behind -- for no option', async () => {
    assert.equal((await run('greet', '--', '--help')).out, 'hello --help\n');
  });
});
