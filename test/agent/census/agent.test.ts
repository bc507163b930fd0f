import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { type CensusReport } from '../../../agent/census/report.ts';
import { writeRecord } from '../../../cni/record.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { type FakeApiServer, servedApi } from '../apiserver.ts';
import { type RunningAgent, startAgent } from '../running.ts';
import { until } from '../until.ts';
import { recordOf, redirect } from './ground.ts';

const POD = { namespace: 'default', name: 'web-0', uid: 'u1' };

describe('the census of an agent', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const cleanup = createCleanup();
  const netns = scratchNetns();
  const bare = scratchNetns();
  let directory: string;
  let server: FakeApiServer;
  let agent: RunningAgent;

  before(async () => {
    ({ server, directory } = await servedApi(cleanup));
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

  const ask = async (method: string): Promise<CensusReport> => {
    const socketPath = `${directory}/agent.sock`;
    const sent = request({ socketPath, method, path: '/v1/census', agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return (await json(response)) as CensusReport;
  };

  it('is served as last taken, and taken when asked for', async () => {
    const { pods, at } = await ask('POST');
    assert.deepEqual(
      pods.map(({ expected, actual, findings }) => [expected, actual, findings]),
      [['redirect', 'redirected', []]],
    );
    assert.equal((await ask('GET')).at, at);
  });

  it('tells of a finding once in its log, counts it, and tells when it is gone', async () => {
    const told = (): unknown[] =>
      agent.lines().flatMap(({ pod, msg, finding }) => (finding ? [[pod, msg, finding]] : []));
    await inNetns(netns, ['nft', 'flush', 'ruleset']);
    for (let i = 0; i < 2; i += 1) {
      const { pods } = await ask('POST');
      assert.equal(pods[0]?.actual, 'un-redirected');
    }
    const sentence =
      'the pod is to be redirected, but its netns holds no such rules: its traffic passes its proxy by';
    assert.deepEqual(told(), [[POD, sentence, { kind: 'un-redirected' }]]);
    const metrics = await agent.get('/metrics');
    assert.match(metrics, /^sluice_pods\{expected="redirect",actual="un-redirected"\} 1$/m);
    assert.match(metrics, /^sluice_pods\{expected="redirect",actual="redirected"\} 0$/m);
    assert.match(metrics, /^sluice_census_seconds_count [1-9]/m);

    await redirect(netns, POD);
    await ask('POST');
    assert.ok(agent.lines().some(({ msg }) => msg === 'the pod is as it should be'));
  });

  it('looks at a pod that comes, without being asked', async () => {
    const late = { ...POD, name: 'web-1', uid: 'u2' };
    writeRecord(`${directory}/state`, await recordOf(bare, late));
    server.history.set(late);
    const told = (): unknown[] =>
      agent.lines().flatMap(({ pod, finding }) => (isDeepStrictEqual(pod, late) ? [finding] : []));
    await until(() => told().length > 0);
    assert.deepEqual(told(), [{ kind: 'un-redirected' }]);
  });
});
