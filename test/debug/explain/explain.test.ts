import assert from 'node:assert/strict';
import { command } from '../../../debug/explain/explain.ts';
import { CommandError } from '../../../debug/command.ts';
import { type FakeAgent, serveAgent } from '../../support/agent.ts';
import { v1Pod } from '../../support/pod.ts';
import { invoke } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

const redirected = {
  annotations: {
    'traffic.sidecar.istio.io/excludeOutboundPorts': '5432',
    'traffic.sidecar.istio.io/includeInboundPorts': '8080',
    'traffic.sidecar.istio.io/excludeInboundPorts': '9000',
    'traffic.sidecar.istio.io/excludeOutboundPort': '6379',
  },
};

describe('explain', () => {
  const node = nodeState({
    records: [
      addOf(redirected),
      addOf({ name: 'edge', uid: 'u2', proxy: { args: ['proxy', 'router'] } }),
      addOf(
        { name: 'wrong', uid: 'u3' },
        {
          outcome: 'failed',
          error: { code: 101, msg: 'cannot redirect traffic', details: 'Bad argument' },
        },
      ),
      addOf({ name: 'killed', uid: 'u4' }, { outcome: 'pending' }),
      addOf({ name: 'twice', uid: 'old' }),
    ],
    facts: [
      { name: 'missed', uid: 'u5' },
      { name: 'twice', uid: 'new' },
      { name: 'plain', uid: 'u6', proxy: { name: 'other' } },
    ],
  });
  const explain = (pod: string) => invoke(command, [pod], { place: { stateDir: node.path() } });

  const cases: readonly [pod: string, exitCode: number, headline: string][] = [
    ['default/web-0', 0, 'default/web-0 is redirected (REDIRECT)'],
    ['default/edge', 0, 'default/edge is left alone: gateway'],
    ['wrong', 1, 'default/wrong is refused: cannot redirect traffic'],
    ['killed', 1, 'default/killed is half done: its ADD began and never ended'],
    ['missed', 1, 'default/missed would be redirected (REDIRECT), but no ADD of it is recorded'],
    ['twice', 1, 'default/twice would be redirected (REDIRECT), but no ADD of it is recorded'],
    ['plain', 0, 'default/plain is left alone: no-sidecar'],
  ];
  for (const [pod, exitCode, headline] of cases) {
    it(`says of ${pod}: ${headline}`, async () => {
      const told = await explain(pod);
      assert.deepEqual([told.exitCode, told.text.split('\n')[0]], [exitCode, headline]);
    });
  }

  it('tells where each setting comes from', async () => {
    const { text } = await explain('web-0');
    assert.match(
      text,
      /^ {2}excludeOutboundPorts +5432 +annotation traffic\S+excludeOutboundPorts$/m,
    );
    assert.match(text, /^ {2}proxyUid +1337 +default$/m);
  });

  it('tells what has no effect, and why', async () => {
    const { text } = await explain('web-0');
    assert.match(text, /excludeInboundPorts +a list in \S+includeInboundPorts wins$/m);
    assert.match(text, /excludeOutboundPort" +nearest known one is "\S+excludeOutboundPorts"$/m);
  });

  it('says each rule in a sentence, of both families at once where it is the same', async () => {
    const { text } = await explain('web-0');
    const [, rules = ''] = text.split('\nRules\n');
    assert.match(
      rules,
      /^ {2}nat ISTIO_INBOUND +ipv4 ipv6 +Inbound connections to port 8080 are captured$/m,
    );
    assert.match(
      rules,
      /^ {2}nat ISTIO_OUTPUT +ipv6 +What the app sends to ::1\/128 is left alone$/m,
    );
  });

  it('looks at nothing behind the condition that decides', async () => {
    const { text } = await explain('edge');
    assert.match(text, /the proxy serves this pod +no +istio-proxy runs "proxy router"$/m);
    assert.match(text, /injection is not turned off +-$/m);
  });

  it('names the pods that are spelled most like one it does not know', async () => {
    await assert.rejects(explain('default/web-1'), {
      exitCode: 3,
      message: /^cannot find pod "default\/web-1" on this node: did you mean "default\/web-0" or/,
    });
  });

  it('is told of a wrong word', async () => {
    await assert.rejects(explain('a/b/c'), { exitCode: 2 });
    await assert.rejects(invoke(command, []), { exitCode: 2 });
  });
});

describe('explain, while the agent answers', () => {
  const node = nodeState({ records: [addOf({})], facts: [{ name: 'plain', uid: 'u6' }] });
  let agent: FakeAgent;
  before(async () => {
    const pod = v1Pod({ name: 'plain', labels: { 'sidecar.istio.io/inject': 'false' } });
    const metadata = { ...pod.metadata, uid: 'u6' };
    agent = await serveAgent(`${node.path()}/agent.sock`, [{ ...pod, metadata }]);
  });
  after(() => {
    agent.close();
  });
  const explain = (pod: string) =>
    invoke(command, [pod], { place: { stateDir: node.path(), agentSocket: agent.socket } });

  it('takes what the agent knows now for what it wrote down', async () => {
    const { text } = await explain('plain');
    assert.match(
      text,
      /^default\/plain is left alone: injection-disabled\n {2}as the agent had it/,
    );
  });

  it('takes the record of an ADD before anything else', async () => {
    const { text } = await explain('web-0');
    assert.match(
      text,
      /^default\/web-0 is redirected .*\n {2}ADD at 2026-01-02T03:04:05.678Z by 0.1.0/,
    );
  });

  it('says what the agent says of a pod that is nowhere', async () => {
    await assert.rejects(explain('default/gone'), (error) => {
      assert.ok(error instanceof CommandError && error.cause instanceof Error);
      assert.equal(error.cause.message, 'the agent does not know the pod yet');
      return error.exitCode === 3;
    });
  });
});
