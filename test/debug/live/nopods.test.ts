import assert from 'node:assert/strict';
import { command as census } from '../../../debug/census/census.ts';
import { type Command, CommandError, type Place } from '../../../debug/command.ts';
import { command as diff } from '../../../debug/diff/diff.ts';
import { command as repair } from '../../../debug/repair/repair.ts';
import { type FakeApiServer, servedApi } from '../../agent/apiserver.ts';
import { startAgent } from '../../agent/running.ts';
import { until } from '../../agent/until.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { hasRoot } from '../../support/scratch.ts';
import { invoke } from '../invoke.ts';
import { nodeState } from '../node.ts';

const COMMANDS: readonly [string, Command, ...string[]][] = [
  ['census', census],
  ['census --problems', census, '--problems'],
  ['repair --all', repair, '--all'],
  ['repair --all --dry-run', repair, '--all', '--dry-run'],
  ['diff --all', diff, '--all'],
];

/** How each of them ends: its exit code, or the one of the error that it ends with, and what it says. */
async function ends(place: Partial<Place>): Promise<Record<string, [number, string]>> {
  const all: Record<string, [number, string]> = {};
  for (const [name, command, ...args] of COMMANDS) {
    all[name] = await invoke(command, args, { place }).then(
      ({ exitCode, text }) => [exitCode, text],
      (error: unknown) => {
        if (error instanceof CommandError) return [error.exitCode, error.message];
        throw error;
      },
    );
  }
  return all;
}

async function assertAll(place: Partial<Place>, exitCode: number, says: RegExp): Promise<void> {
  for (const [name, [code, text]] of Object.entries(await ends(place))) {
    assert.equal(code, exitCode, `${name}: ${text}`);
    assert.match(text, says, name);
  }
}

describe('where no pod is known', () => {
  const nothing = /^0 pods, all as they should be|^this node has no pods$/m;

  it('nobody can tell, without an agent and its files', async () => {
    const says =
      /^cannot tell which pods this node has: no agent answers, and neither "\/nonexistent\/state\/pods" nor .*; start the agent/;
    await assertAll({}, 3, says);
  });

  it('wrong arguments are wrong all the same', async () => {
    await assert.rejects(invoke(repair, []), { exitCode: 2 });
    await assert.rejects(invoke(repair, ['--all', 'web-0']), { exitCode: 2 });
    await assert.rejects(invoke(diff, ['--all', 'web-0']), { exitCode: 2 });
  });

  describe('and the agent has written down that there is none', () => {
    const node = nodeState({});
    it('there is none', async function () {
      if (!hasRoot()) this.skip();
      await assertAll({ stateDir: node.path() }, 0, nothing);
    });
  });

  describe('to an agent', () => {
    const cleanup = createCleanup();
    let server: FakeApiServer;
    let directory: string;
    let place: Partial<Place>;
    beforeEach(async () => {
      ({ server, directory } = await servedApi(cleanup));
      place = { agentSocket: `${directory}/agent.sock`, stateDir: `${directory}/state` };
    });
    afterEach(() => cleanup.run());
    const start = (): ReturnType<typeof startAgent> => {
      const agent = startAgent({ access: server.access, directory });
      cleanup.add(agent.stop);
      return agent;
    };

    it('that has not listed them, nobody can tell: it says why, and what to do', async () => {
      await server.stop();
      const agent = start();
      const why = 'the pods of node n1 are not listed yet: the API server does not answer';
      await until(async () => (await agent.missing()).join().startsWith(why));
      const says =
        /^cannot tell which pods this node has: the agent has not listed them yet: the API server does not answer at .*; try again/;
      await assertAll(place, 3, says);
    });

    it('that has listed them, there is none', async function () {
      if (!hasRoot()) this.skip();
      await start().isReady();
      await assertAll(place, 0, nothing);
    });

    it('that knows some, its files are elsewhere', async () => {
      server.history.set({ name: 'web-0', uid: 'u0' });
      await start().isReady();
      const told = await ends({ ...place, stateDir: '/nonexistent/state' });
      const says = /: the agent knows 1, but "\/nonexistent\/state" names none of them; set SLUICE/;
      for (const name of ['repair --all', 'diff --all']) {
        const [exitCode, text] = told[name] ?? [];
        assert.equal(exitCode, 3);
        assert.match(text ?? '', says);
      }
    });
  });
});
