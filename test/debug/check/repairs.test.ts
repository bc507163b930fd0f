import assert from 'node:assert/strict';
import { createHistory } from '../../../agent/history.ts';
import { readConfig } from '../../../agent/config.ts';
import { command as status } from '../../../debug/check/status.ts';
import { type Command } from '../../../debug/command.ts';
import { command as history } from '../../../debug/history/history.ts';
import { type FakeApiServer, servedApi } from '../../agent/apiserver.ts';
import { openWard, type Ward } from '../../agent/repair/ward.ts';
import { type RunningAgent, startAgent } from '../../agent/running.ts';
import { until } from '../../agent/until.ts';
import { serveHttp, temporaryDirectory } from '../../cni/facts/serve.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { keptRepair } from '../../support/records.ts';
import { hasRoot } from '../../support/scratch.ts';
import { invoke, type Told } from '../invoke.ts';

interface Outcome {
  readonly id: string;
  readonly verdict: string;
  readonly says: string;
  readonly details?: { readonly lastRepair?: unknown; readonly waiting?: unknown };
}

function repairsOf({ value }: Told): Outcome | undefined {
  const { outcomes } = value as { readonly outcomes: readonly Outcome[] };
  return outcomes.find(({ id }) => id === 'repairs');
}

describe('status of the last repair', () => {
  const directory = temporaryDirectory();
  const place = { stateDir: directory.path, agentSocket: `${directory.path}/agent.sock` };
  after(() => {
    directory.dispose();
  });
  const look = async (): Promise<Outcome | undefined> =>
    repairsOf(await invoke(status, [], { place }));
  const serve = async (said: unknown): Promise<Outcome | undefined> => {
    const agent = await serveHttp(place.agentSocket, (_, response) => {
      response.end(JSON.stringify(said));
    });
    return look().finally(agent.close);
  };
  const nothing = { repairs: 0, events: 0, history: 0, facts: 0 };

  it('knows none where there was none', async () => {
    const outcome = await look();
    const says = 'none is remembered; what waits, only the agent could tell';
    assert.deepEqual(outcome, { id: 'repairs', verdict: 'fine', says, details: {} });
  });

  it('says what the agent says', async () => {
    const lastRepair = keptRepair({ outcome: 'failed', startedAt: new Date().toISOString() });
    const waiting = { ...nothing, repairs: 3, events: 2 };
    const { verdict, says, details } = (await serve({ lastRepair, waiting })) ?? {};
    assert.equal(verdict, 'warning');
    assert.equal(
      says,
      `last: failed (repair), default/web-0, ${lastRepair.finishedAt}; waiting: 3 pods to be repaired, 2 Events to be posted`,
    );
    assert.deepEqual(details?.waiting, waiting);
  });

  it('warns of no repair that would have been tried again', async () => {
    const lastRepair = keptRepair({ outcome: 'failed' });
    const { verdict, says } = (await serve({ lastRepair, waiting: nothing })) ?? {};
    const last = `last: failed (repair), default/web-0, ${lastRepair.finishedAt}`;
    assert.deepEqual([verdict, says], ['fine', `${last}, not tried again since; nothing waits`]);
  });

  it('says that an agent of an older version does not tell what waits', async () => {
    const { says } = (await serve({ version: '0.0.1' })) ?? {};
    assert.equal(says, 'none is remembered; what waits, this agent does not tell');
  });

  it('says what the files tell of those before the agent was started', async () => {
    const kept = createHistory({ stateDir: directory.path, onFailure: assert.ifError });
    kept.keepRepair(keptRepair({ finishedAt: '2026-01-02T05:00:00.000Z' }));
    await kept.flush();
    const { verdict, says } = (await serve({ waiting: nothing })) ?? {};
    const last = 'last: done (repair), default/web-0, 2026-01-02T05:00:00.000Z';
    assert.deepEqual([verdict, says], ['fine', `${last}; nothing waits`]);
    assert.equal((await serve('nonsense'))?.says.startsWith(last), true);
  });
});

describe('what an agent repairs', () => {
  const cleanup = createCleanup();
  let server: FakeApiServer;
  let ward: Ward;
  let agent: RunningAgent;
  let agentSocket: string;
  before(async function () {
    if (!hasRoot()) this.skip();
    const { directory, ...api } = await servedApi(cleanup);
    ({ server } = api);
    ward = openWard(cleanup);
    const { pod } = await ward.admit();
    server.history.set({ name: 'web-0', uid: pod.metadata.uid });
    const { repair, census } = readConfig({
      NODE_NAME: 'n1',
      SLUICE_CNI_RESULTS_DIR: ward.resultsDir,
    });
    agent = startAgent({
      access: server.access,
      directory,
      config: { repair, census, stateDir: ward.stateDir },
    });
    cleanup.add(agent.stop);
    agentSocket = `${directory}/agent.sock`;
  });
  after(() => cleanup.run());

  const run = (command: Command): Promise<Told> =>
    invoke(command, [], { place: { stateDir: ward.stateDir, agentSocket } });
  const last = /^last: done \(repair\), default\/web-0, 2\S+; (.*)$/;
  const rest = async (): Promise<string | undefined> =>
    last.exec(repairsOf(await run(status))?.says ?? '')?.[1];

  it('is told by it in `status`, and that nothing waits any more', () =>
    until(async () => (await rest()) === 'nothing waits'));

  it('is told by its files when it is gone', async () => {
    await agent.stop();
    assert.equal(await rest(), 'what waits, only the agent could tell');
  });

  it('is once in `history`', async () => {
    const { exitCode, text } = await run(history);
    assert.equal(exitCode, 0, text);
    const [, ...lines] = text.trimEnd().split('\n');
    assert.equal(lines.length, 1, text);
    assert.match(
      lines[0] ?? '',
      /^- +repair +2\S+ +default\/web-0 +done +\d+ +repair: its traffic is redirected now.*; before: /,
    );
  });
});
