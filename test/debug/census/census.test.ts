import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { command } from '../../../debug/census/census.ts';
import { type Listener, serveHttp } from '../../cni/facts/serve.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { invoke } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

describe('census, while the agent answers', () => {
  const node = nodeState({});
  const asked: string[] = [];
  let status = 200;
  let agent: Listener;
  before(async () => {
    agent = await serveHttp(`${node.path()}/agent.sock`, ({ method = '', url = '' }, response) => {
      asked.push(`${method} ${url}`);
      response.writeHead(status).end(JSON.stringify(report));
    });
  });
  after(() => agent.close());
  const census = (...args: string[]) =>
    invoke(command, args, { place: { agentSocket: `${node.path()}/agent.sock` } });

  it('tells what the agent finds, and that it is a problem', async () => {
    const { exitCode, text } = await census();
    assert.deepEqual(asked, ['POST /v1/census']);
    assert.equal(exitCode, 1);
    assert.match(
      text,
      /^3 pods, 1 not as they should be\n {2}at 2026\S+ by the agent, in 0.02 s\n/,
    );
    assert.match(
      text,
      /^ {2}default\/batch +expected: redirected +actual: un-redirected\n {4}no rules$/m,
    );
    assert.match(
      text,
      /^ {2}default\/plain +expected: left alone +actual: un-redirected +not-injected$/m,
    );
  });

  it('leaves out the pods that are right: --problems', async () => {
    const { value } = await census('--problems');
    assert.deepEqual((value as typeof report).pods, [batch]);
  });

  it('does not take a refusal for a census', async () => {
    status = 503;
    await assert.rejects(census(), { exitCode: 3 });
  });
});

describe('census, without an agent', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const node = nodeState({
    records: [() => addOf({}, { netns: { path: netns.path, inode: statSync(netns.path).ino } })],
    facts: [{}, { name: 'plain', uid: 'u2', proxy: { name: 'other' } }],
  });

  it('looks itself at the pods that the agent has written down', async () => {
    const { exitCode, text } = await invoke(command, [], { place: { stateDir: node.path() } });
    assert.equal(exitCode, 1);
    assert.match(text, /^2 pods, 1 not as they should be\n.* by this command/);
    assert.match(
      text,
      /^ {2}default\/web-0 +expected: redirected +actual: un-redirected\n {4}the pod is to be/m,
    );
  });
});

const batch = {
  ...{ namespace: 'default', name: 'batch', uid: 'u1', expected: 'redirect' },
  ...{ actual: 'un-redirected', findings: [{ kind: 'un-redirected', sentence: 'no rules' }] },
};
const report = {
  at: '2026-01-02T03:04:05.678Z',
  seconds: 0.021,
  pods: [
    batch,
    {
      ...{ namespace: 'default', name: 'plain', uid: 'u2', expected: 'skip', findings: [] },
      ...{ reason: 'not-injected', actual: 'un-redirected' },
    },
    {
      ...{ namespace: 'default', name: 'web-0', uid: 'u3', expected: 'redirect', findings: [] },
      actual: 'redirected',
      netns: { path: '/run/netns/a', inode: 4, source: 'record' },
    },
  ],
};
