import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { remainsOf, tracesOf } from '../bed/traces.ts';
import { createCleanup } from '../support/cleanup.ts';
import { findPrograms } from './programs.ts';
import { say, untilTrue } from './until.ts';

const mocha = join(import.meta.dirname, '../../node_modules/mocha/bin/mocha.js');
const run = join(import.meta.dirname, 'waiting.ts');

const beginning = { line: 'cluster: starting node-1 ...', programs: ['etcd', 'kube-apiserver'] };
const up = { line: 'up', programs: ['containerd', 'httpd', 'kubelet', 'kube-proxy'] };
/** What it says then, and what runs. */
const moments = [
  ['SIGINT', 'with a pod on each node', up],
  ['SIGKILL', 'with a pod on each node', up],
  ['SIGKILL', 'while it makes a node', beginning],
] as const;

/** Before all others, since it has clusters of its own, one after the other. */
describe('a run that is ended', function () {
  this.timeout(180_000);
  const cleanup = createCleanup();
  before(async function () {
    this.timeout(300_000);
    const programs = await findPrograms();
    if (!('missing' in programs)) return;
    say(`skipped: ${programs.missing}`);
    this.skip();
  });
  afterEach(() => cleanup.run());

  for (const [signal, when, { line, programs }] of moments) {
    it(`by ${signal} ${when} leaves nothing behind`, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'sluice-'));
      cleanup.add(() => rm(directory, { recursive: true, force: true }));
      const { end, until } = startRun(directory);
      cleanup.add(() => end('SIGKILL'));
      await until(line);
      const before = await tracesOf(directory);
      const found = before.processes.map(({ command }) => basename(command.split(' ')[0] ?? ''));
      assert.deepEqual(
        programs.filter((each) => !found.includes(each)),
        [],
      );
      assert.equal(await end(signal), signal);
      const isGone = async (): Promise<boolean> =>
        (await remainsOf(directory, before)).length === 0;
      await untilTrue('all of it is gone', isGone).catch(() => undefined); // which is told better below
      assert.deepEqual(await remainsOf(directory, before), []);
    });
  }
});

interface Run {
  /** Waits for a line of its output. */
  readonly until: (line: string) => Promise<void>;
  /** By which signal it ended. */
  readonly end: (signal: NodeJS.Signals) => Promise<NodeJS.Signals | undefined>;
}

/** In a process group of its own, as a shell does it. */
function startRun(directory: string): Run {
  const child = execa('setpriv', ['--pdeathsig=KILL', process.execPath, mocha, run], {
    ...{ detached: true, all: true, buffer: false, reject: false },
    env: { TMPDIR: directory },
  });
  let isRunning = true;
  void child.then(() => {
    isRunning = false;
  });
  const lines = createInterface({ input: child.all });
  return {
    until: async (line) => {
      const said: string[] = [];
      for await (const each of lines) {
        said.push(each);
        if (each === line) return;
      }
      assert.fail(`it ended before it said "${line}": ${said.join('\n')}`);
    },
    end: async (signal) => {
      child.all.resume();
      const { pid } = child;
      // Ctrl-C is for all of the group, and a crash for one.
      if (pid !== undefined && isRunning) process.kill(signal === 'SIGINT' ? -pid : pid, signal);
      return (await child).signal;
    },
  };
}
