import assert from 'node:assert/strict';
import { execa } from 'execa';
import { startProgram } from '../../cni/program.ts';
import { executable } from '../support/plugin.ts';

describe('the packaged executable with an argument', () => {
  const run = (...args: readonly string[]) =>
    execa(executable, args, { extendEnv: false, env: {}, reject: false });

  it('is the agent: agent', async () => {
    const { exitCode, stdout } = await run('agent');
    assert.equal(exitCode, 2);
    assert.match(stdout, /"msg":"the agent ends"/);
  });

  for (const name of ['agnet', '', '../agent', 'koffi.node']) {
    it(`takes "${name}" for a command that it does not know`, async () => {
      const { exitCode, stdout, stderr } = await run(name);
      assert.deepEqual([exitCode, stdout], [2, '']);
      assert.ok(stderr.startsWith(`sluice-cni: cannot run "${name}": `), stderr);
      assert.match(stderr, /`sluice-cni --help` lists all$/);
    });
  }
});

describe('startProgram()', () => {
  it('has nothing to start where nothing is packaged', () => {
    assert.equal(startProgram('agent', []), false);
  });
});
