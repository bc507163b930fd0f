import assert from 'node:assert/strict';
import { type Installation } from '../../agent/installation.ts';
import { type ApiServer, apiServer } from '../support/apiserver.ts';
import { startAgent, type TestAgent, until } from '../support/apiserveragent.ts';
import { createPods, deletePod } from '../support/apiserverpods.ts';
import { createCleanup } from '../support/cleanup.ts';

const inNamespace = '--namespace=sluice-system';
const forced = ['--force', '--grace-period=0'];

describe('an agent that is stopped', function () {
  this.timeout(180_000);
  const cleanup = createCleanup();
  const server = apiServer(cleanup);
  let agent: TestAgent;
  let removed: boolean;
  const installation: Installation = {
    keep: async () => undefined,
    isComplete: () => true,
    state: () => ({ reason: undefined }),
    release: async () => undefined,
    remove: async (beforeRemoval) => {
      removed = true;
      await beforeRemoval();
    },
  };

  beforeEach(async () => {
    removed = false;
    await server().kubectl(['apply', '-f', 'DaemonSet.yaml']);
    await createOwnPod(server());
    await createPods(server(), ['web-0']);
    const env = { POD_NAME: 'sluice-agent-abcde', POD_NAMESPACE: 'sluice-system' };
    agent = await startAgent(server(), cleanup, { env, installation });
    await agent.learn('web-0', 'agent/watch');
    await until(() => watches(server()), Boolean);
  });
  afterEach(async () => {
    await agent.stop();
    await until(
      () => watches(server()),
      (isHeard) => !isHeard,
    );
    await deletePod(server(), 'web-0');
  });

  it('leaves everything in place while its DaemonSet is there', async () => {
    await agent.stop();
    assert.equal(removed, false);
  });

  it('leaves everything in place when only its pod is deleted', async () => {
    await server().kubectl(['delete', 'pod', 'sluice-agent-abcde', inNamespace, ...forced]);
    await agent.stop();
    assert.equal(removed, false);
  });

  it('leaves everything in place when only its rights are deleted', async () => {
    await server().kubectl(['delete', 'rolebinding', 'sluice-agent', inNamespace]);
    await agent.stop();
    assert.equal(removed, false);
  });

  it('takes the plugin off the node while a DaemonSet waits for its pods', async () => {
    const { kubectl } = server();
    const foreground = ['--cascade=foreground', '--wait=false'];
    await kubectl(['delete', 'daemonset', 'sluice-agent', inNamespace, ...foreground]);
    await agent.stop();
    assert.equal(removed, true);
    // Nobody collects garbage here, as a controller manager would.
    const patch = '{"metadata":{"finalizers":null}}';
    await kubectl(['patch', 'daemonset', 'sluice-agent', inNamespace, `--patch=${patch}`]);
  });

  it('takes the plugin off the node when the namespace is deleted, where pods go first', async () => {
    const { kubectl } = server();
    await kubectl(['delete', 'namespace', 'sluice-system', '--wait=false']);
    await agent.stop();
    assert.equal(removed, true);
    const daemonSet = ['get', 'daemonset', 'sluice-agent', inNamespace, '--output=name'];
    assert.equal(await kubectl(daemonSet), 'daemonset.apps/sluice-agent');
    // Nobody ends the namespace here, either.
    const finalize = '/api/v1/namespaces/sluice-system/finalize';
    const ended = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sluice-system' } };
    await kubectl(['replace', '--raw', finalize, '-f', '-'], JSON.stringify(ended));
  });

  it('takes the plugin off the node after kubectl delete -f, which deletes its rights as well', async () => {
    const { kubectl } = server();
    await kubectl(['delete', '--wait=false', '-f', 'DaemonSet.yaml']);
    // The API server remembers for some seconds what it has allowed.
    await agent.refusal('nowhere-0', /40[13]/);
    await agent.stop();
    assert.equal(removed, true);
  });
});

/** As the DaemonSet's controller would, if one ran here. */
async function createOwnPod({ kubectl }: ApiServer): Promise<void> {
  const daemonSet = ['get', 'daemonset', 'sluice-agent', inNamespace];
  const uid = await kubectl([...daemonSet, '--output=jsonpath={.metadata.uid}']);
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'sluice-agent', uid };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'sluice-agent-abcde',
      namespace: 'sluice-system',
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: { containers: [{ name: 'agent', image: 'sluice:dev' }] },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(pod));
}

/** Whether somebody listens to that DaemonSet. */
async function watches({ kubectl }: ApiServer): Promise<boolean> {
  const metrics = await kubectl(['get', '--raw', '/metrics']);
  return /apiserver_longrunning_requests\{[^}]*resource="daemonsets"[^}]*\} [1-9]/.test(
    metrics
      .split('\n')
      .filter((line) => line.includes('verb="WATCH"') && line.includes('scope="resource"'))
      .join('\n'),
  );
}
