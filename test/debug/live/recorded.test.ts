import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { writeFacts } from '../../../agent/disk.ts';
import { cutPod } from '../../../agent/pod.ts';
import { writeRecord } from '../../../cni/record.ts';
import { command as census } from '../../../debug/census/census.ts';
import { type Command } from '../../../debug/command.ts';
import { command as repair } from '../../../debug/repair/repair.ts';
import { serveHttp } from '../../cni/facts/serve.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { redirect } from '../../support/ground.ts';
import { type PodChanges, v1Pod } from '../../support/pod.ts';
import { hasRoot, inNetns, saved, scratchNetns } from '../../support/scratch.ts';
import { invoke, type Told } from '../invoke.ts';
import { stateOf } from '../live.ts';
import { addOf } from '../node.ts';

describe('a pod that only its ADD has told of', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const cleanup = createCleanup();
  const netns = scratchNetns();
  const pod: PodChanges = { name: 'web-0', uid: 'u1' };
  let stateDir: string;
  beforeEach(async () => {
    await inNetns(netns, ['ip', 'link', 'set', 'lo', 'up']);
    await redirect(netns, 'iptables-nft', pod);
    stateDir = await stateOf(netns, pod, cleanup);
  });
  afterEach(() => cleanup.run());

  const run = (command: Command, args: string[], agentSocket?: string): Promise<Told> =>
    invoke(command, args, { place: { stateDir, ...(agentSocket && { agentSocket }) } });
  const flush = (): Promise<string> =>
    inNetns(netns, ['iptables-nft', '-t', 'nat', '-F', 'ISTIO_OUTPUT']);

  it('is looked at: right', async () => {
    const { exitCode, text } = await run(census, []);
    assert.match(text, /^1 pods, all as they should be\n.*\n\n {2}default\/web-0 .* redirected/);
    assert.equal(exitCode, 0, text);
  });

  it('is found to be flushed, and put right', async () => {
    await flush();
    for (const args of [[], ['--problems']]) {
      const { exitCode, text } = await run(census, args);
      assert.match(text, /^1 pods, 1 not as they should be\n/);
      assert.match(text, /default\/web-0 +expected: redirected +actual: drifted\n +the ipv4 rules/);
      assert.equal(exitCode, 1);
    }
    const told = await run(repair, ['--all', '--dry-run']);
    assert.match(told.text, /^default\/web-0 +would be programmed/);
    assert.equal(told.exitCode, 1);
    const done = await run(repair, ['--all']);
    assert.match(done.text, /^default\/web-0 +programmed/);
    assert.match(await saved(netns, 'iptables-nft'), /-A ISTIO_OUTPUT .*-j RETURN/);
    assert.equal((await run(census, [])).exitCode, 0);
  });

  it('is looked at also while the agent has not listed its pods', async () => {
    await flush();
    const agentSocket = `${stateDir}/agent.sock`;
    const error = { code: 'not-ready', message: 'the pods of node n1 are not listed yet' };
    const agent = await serveHttp(agentSocket, (_, response) => {
      response.writeHead(503).end(JSON.stringify({ error }));
    });
    cleanup.add(() => agent.close());
    const { exitCode, text } = await run(census, [], agentSocket);
    assert.match(text, /by this command, as the agent has not listed its pods yet/);
    assert.equal(exitCode, 1);
  });

  it('is no other pod than one of the same name that was written down before', async () => {
    await flush();
    const before = cutPod(v1Pod({ ...pod, uid: 'u0' }));
    const written = (observedAt: string): Promise<void> =>
      writeFacts(`${stateDir}/pods`, new Map([['u0', { pod: before, observedAt }]]));
    await written('2025-12-31T00:00:00Z');
    assert.equal((await run(census, [])).exitCode, 1);
    // What was written down later is its successor.
    await written('2027-01-01T00:00:00Z');
    const { exitCode, value } = await run(census, []);
    assert.deepEqual(
      (value as { pods: { uid: string }[] }).pods.map(({ uid }) => uid),
      ['u0'],
    );
    assert.equal(exitCode, 0);
  });

  it('is unknown where its netns is gone, or its ADD did not get to a decision', async () => {
    const nowhere = { path: '/run/netns/nonexistent', inode: 1 };
    writeRecord(stateDir, await addOf({ name: 'web-1', uid: 'u2' }, { netns: nowhere }));
    writeRecord(stateDir, {
      ...(await addOf({ name: 'web-2', uid: 'u3' })),
      ...{ facts: undefined, decision: undefined, rules: undefined, outcome: 'failed' },
      netns: { path: netns.path, inode: statSync(netns.path).ino },
    });
    const { exitCode, text } = await run(census, []);
    assert.match(text, /default\/web-1 +expected: redirected +actual: unknown\n.*not to be found/);
    assert.match(text, /default\/web-2 +expected: unknown .*\n.*ADD did not get to a decision/);
    assert.equal(exitCode, 3, text);
  });
});
