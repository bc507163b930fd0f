import assert from 'node:assert/strict';
import { writeRecord } from '../../cni/record.ts';
import { command as census } from '../../debug/census/census.ts';
import { command as status } from '../../debug/check/status.ts';
import { type Command } from '../../debug/command.ts';
import { command as explain } from '../../debug/explain/explain.ts';
import { servedApi } from '../agent/apiserver.ts';
import { recordOf, redirect } from '../agent/census/ground.ts';
import { type RunningAgent, startAgent } from '../agent/running.ts';
import { createCleanup } from '../support/cleanup.ts';
import { hasRoot, scratchNetns } from '../support/scratch.ts';
import { invoke, type Told } from './invoke.ts';

const POD = { namespace: 'default', name: 'web-0', uid: 'u1' };

describe('the commands, beside a real agent and after it', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const cleanup = createCleanup();
  let directory: string;
  let agent: RunningAgent;
  before(async () => {
    const { server, ...api } = await servedApi(cleanup);
    ({ directory } = api);
    server.history.set(POD);
    await redirect(netns, POD);
    writeRecord(`${directory}/state`, await recordOf(netns, POD));
    agent = startAgent({
      access: server.access,
      directory,
      config: { repair: { mode: 'observe', cutConnections: false } },
    });
    cleanup.add(agent.stop);
    await agent.isReady();
  });
  after(() => cleanup.run());
  const run = (command: Command, ...args: string[]): Promise<Told> =>
    invoke(command, args, {
      place: {
        stateDir: `${directory}/state`,
        agentSocket: `${directory}/agent.sock`,
      },
    });

  it('ask the agent while it is there', async () => {
    const { exitCode, text } = await run(census);
    assert.equal(exitCode, 0, text);
    assert.match(text, /^1 pods, all as they should be\n {2}at \S+ by the agent, /);
    assert.match((await run(status)).text, /ok +agent +ready, \S+, 1 pods, since 2/);
  });

  it('do without it', async () => {
    await agent.stop();
    const { exitCode, text } = await run(census);
    assert.equal(exitCode, 0, text);
    assert.match(text, /^1 pods, all as they should be\n {2}at \S+ by this command, /);
    assert.match((await run(explain, 'web-0')).text, /^default\/web-0 is redirected /);
    assert.match((await run(status)).text, /problem +agent +the agent does not answer/);
  });
});
