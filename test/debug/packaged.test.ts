import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { execa } from 'execa';
import { VARIABLES } from '../../agent/variables.ts';
import { executable } from '../support/plugin.ts';
import { addOf, nodeState } from './node.ts';
import { assertFits } from './schema.ts';

const ESCAPE = '\u001b';

describe('the packaged commands', () => {
  const node = nodeState({ records: [addOf({})] });
  before(() => symlink(executable, `${node.path()}/sluice`));
  const environment = (): Record<string, string> => ({
    SLUICE_STATE_DIR: node.path(),
    SLUICE_AGENT_SOCKET: '/nonexistent/agent.sock',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    TERM: 'xterm',
  });
  const run = (...args: string[]) =>
    execa(`${node.path()}/sluice`, args, { extendEnv: false, env: environment(), reject: false });

  it('are called sluice where the executable is', async () => {
    assert.match((await run('--version')).stdout, /^sluice \d/);
    const { stderr, exitCode } = await run('explian');
    assert.equal(
      stderr,
      'sluice: cannot run "explian": did you mean "explain"? `sluice --help` lists all',
    );
    assert.equal(exitCode, 2);
  });

  it('explain a pod with neither agent nor API server', async () => {
    const { stdout, exitCode } = await run('explain', 'web-0', '-o', 'json');
    assert.equal(exitCode, 0);
    assertFits('explain', JSON.parse(stdout));
  });

  it('start no agent where one asks what it is, or says more than that', async () => {
    const env = { ...environment(), NODE_NAME: 'n1' };
    const about = (...args: string[]) =>
      execa(executable, args, { extendEnv: false, env, reject: false, timeout: 20_000 });
    for (const args of [
      ['agent', '--help'],
      ['help', 'agent'],
    ]) {
      const { stdout, exitCode } = await about(...args);
      assert.equal(exitCode, 0);
      for (const name of Object.keys(VARIABLES)) assert.ok(stdout.includes(`\n  ${name} `), name);
    }
    const { stderr, exitCode } = await about('agent', 'n1');
    assert.deepEqual(
      [exitCode, stderr],
      [2, 'sluice-cni: cannot use "n1": the agent takes variables alone, see `agent --help`'],
    );
  });

  it('read a manifest from stdin, and print YAML', async () => {
    const { stdout, exitCode } = await execa(executable, ['simulate', '-f', '-', '-o', 'yaml'], {
      input: 'kind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n',
    });
    assert.equal(exitCode, 0);
    assert.match(stdout, /^ {6}verdict: would-skip\n {6}reason: not-injected$/m);
  });

  it('colour on a terminal only, and not where NO_COLOR says so', async () => {
    const onTerminal = async (env: Record<string, string>): Promise<string> => {
      const line = `${executable} explain web-0`;
      const { stdout } = await execa('script', ['-qec', line, '/dev/null'], {
        extendEnv: false,
        env: { ...environment(), ...env },
        input: '',
      });
      return stdout;
    };
    assert.ok((await onTerminal({})).includes(ESCAPE));
    assert.ok(!(await onTerminal({ NO_COLOR: '1' })).includes(ESCAPE));
    assert.ok(!(await run('explain', 'web-0')).stdout.includes(ESCAPE));
  });

  it('say by their exit code that they could not tell', async () => {
    const { exitCode, stdout, stderr } = await run('explain', 'web-1');
    assert.deepEqual([exitCode, stdout], [3, '']);
    assert.match(
      stderr,
      /^sluice: cannot find pod "web-1" on this node: did you mean "default\/web-0"\?\n/,
    );
  });
});
