import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { apiServer } from '../support/apiserver.ts';
import { startAgent, type TestAgent, until } from '../support/apiserveragent.ts';
import { createPods, deletePod, uidOf } from '../support/apiserverpods.ts';
import { createCleanup } from '../support/cleanup.ts';

describe('facts while the API server comes and goes', function () {
  this.timeout(120_000);
  const cleanup = createCleanup();
  const server = apiServer(cleanup);
  let agent: TestAgent;
  before(async () => {
    await server().kubectl(['apply', '-f', 'DaemonSet.yaml']);
    agent = await startAgent(server(), cleanup);
  });

  it('are those of a pod that has just been created', async () => {
    const annotations = { 'traffic.sidecar.istio.io/excludeInboundPorts': '9000' };
    await createPods(server(), ['web-0'], { annotations });
    const { pod } = await agent.learn('web-0', 'agent/watch');
    assert.equal(pod.uid, await uidOf(server(), 'web-0'));
    assert.equal(pod.annotations['traffic.sidecar.istio.io/excludeInboundPorts'], '9000');
    assert.deepEqual(
      pod.containers.map(({ name, env, runAsUser }) => [name, env, runAsUser]),
      [
        ['app', [], undefined],
        ['istio-proxy', [], 1337],
      ],
    );
  });

  it('follow a change of the pod', async () => {
    await createPods(server(), ['web-changed']);
    await agent.learn('web-changed', 'agent/watch');
    await server().kubectl(['annotate', 'pod', 'web-changed', 'sluice.dev/test=changed']);
    await server().kubectl(['label', 'pod', 'web-changed', 'app=changed', '--overwrite']);
    await until(
      () => agent.ask('web-changed'),
      (facts) => typeof facts !== 'string' && facts.pod.labels.app === 'changed',
    );
  });

  it('are not those of another pod of the same name', async () => {
    await createPods(server(), ['again-0']);
    await agent.learn('again-0', 'agent/watch');
    const before = await uidOf(server(), 'again-0');
    await deletePod(server(), 'again-0');
    await createPods(server(), ['again-0']);
    const now = await uidOf(server(), 'again-0');
    await until(
      () => agent.ask('again-0', now),
      (facts) =>
        typeof facts !== 'string' && facts.source === 'agent/watch' && facts.pod.uid === now,
    );
    await agent.refusal('again-0', /knows another pod of this name/, before);
  });

  it('do not exist for a pod of another node, and for none', async () => {
    await createPods(server(), ['elsewhere-0'], { node: 'node-2' });
    await createPods(server(), ['here-0']);
    await agent.learn('here-0', 'agent/watch');
    for (const name of ['elsewhere-0', 'nowhere-0']) {
      await agent.refusal(name, /the agent does not know the pod yet/);
    }
  });

  it('are served while the API server is stopped, also by an agent that was started meanwhile', async () => {
    await agent.learn('web-0', 'agent/watch');
    await server().stop();
    assert.equal((await agent.learn('web-0', 'agent/watch')).pod.name, 'web-0');
    await agent.stop();
    await agent.refusal('web-0', /the agent does not answer/);
    agent.start();
    const { pod } = await agent.learn('web-0', 'agent/disk');
    assert.equal(pod.annotations['traffic.sidecar.istio.io/excludeInboundPorts'], '9000');
    await agent.refusal('nowhere-0', /the agent is not ready yet/);
  });

  it('are new again once the API server is back', async () => {
    await server().start();
    await createPods(server(), ['web-1']);
    await agent.learn('web-1', 'agent/watch');
    await agent.learn('web-0', 'agent/watch');
  });

  it('are asked for with all rights that the agent has over pods, and no others', async () => {
    const asked = (await readFile(server().auditFile, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Audited)
      .filter(({ user }) => user.username === 'system:serviceaccount:sluice-system:sluice-agent');
    const rights = ['get pods', 'list pods', 'watch pods'];
    // Its own node it asks for the start-up taint, and may or may not be allowed to.
    const tried = rightsOf(asked).filter((right) => right !== 'get nodes');
    assert.deepEqual(tried, rights);
    // The API server refuses for a moment what it has just been told to allow.
    const granted = asked.filter(({ responseStatus }) => [200, 404].includes(responseStatus.code));
    assert.deepEqual(rightsOf(granted), rights);
  });
});

/** @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go */
interface Audited {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef: { readonly resource: string };
  readonly responseStatus: { readonly code: number };
}

function rightsOf(asked: readonly Audited[]): string[] {
  return [...new Set(asked.map(({ verb, objectRef }) => `${verb} ${objectRef.resource}`))].sort();
}
