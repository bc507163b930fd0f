import assert from 'node:assert/strict';
import { apiServer } from '../support/apiserver.ts';
import { nodeName, startAgent, type TestAgent, until } from '../support/apiserveragent.ts';
import { createPods, uidOf } from '../support/apiserverpods.ts';
import { bindRole } from '../support/apiserverrights.ts';
import { createCleanup } from '../support/cleanup.ts';
import { TAINT } from '../../agent/taint.ts';
import { record } from '../agent/record.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { podFacts } from '../support/pod.ts';

/** The second one is put onto each node that comes. */
const others = ['example.com/other', 'node.kubernetes.io/not-ready'];

describe('what an agent writes to a real API server', function () {
  this.timeout(120_000);
  const cleanup = createCleanup();
  const server = apiServer(cleanup);
  let agent: TestAgent;
  before(async () => {
    await server().kubectl(['apply', '-f', 'DaemonSet.yaml']);
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName } };
    const taints = [TAINT, ...others].map((key) => ({ key, effect: 'NoSchedule' }));
    await server().kubectl(['create', '-f', '-'], JSON.stringify({ ...node, spec: { taints } }));
    agent = await startAgent(server(), cleanup);
  });

  const taints = (): Promise<string> =>
    server().kubectl(['get', 'node', nodeName, '--output=jsonpath={.spec.taints[*].key}']);

  it('are Events that kubectl describe shows, counted when they are told again', async () => {
    await createPods(server(), ['web-0']);
    await agent.learn('web-0', 'agent/watch');
    const pod = { namespace: 'default', name: 'web-0', uid: await uidOf(server(), 'web-0') };
    const decision = await decide(podFacts());
    const families = ['ipv4', 'ipv6'] as const;
    for (let i = 0; i < 3; i += 1)
      await agent.post({ ...record(), pod, outcome: 'redirected', decision, families });
    const described = await until(
      () => server().kubectl(['describe', 'pod', 'web-0']),
      (text) => text.includes('(x3 over'),
    );
    const line = described.split('\n').find((each) => each.includes('Redirected'));
    assert.match(line ?? '', /Normal +Redirected .*sluice-agent +its traffic is redirected/);
  });

  it('leaves the taint, and says so, without the right to take it off', async () => {
    await until(
      async () => agent.log.join(''),
      (log) => log.includes('the taint is not looked after'),
    );
    assert.equal(await taints(), [TAINT, ...others].join(' '));
  });

  it('takes its taint off the node, and no other, once it may', async () => {
    // Whoever may not tries again after a minute.
    await bindRole(server(), 'sluice-agent-taint', 'patch nodes');
    await agent.stop();
    agent.start();
    await until(taints, (keys) => keys === others.join(' '));
  });
});
