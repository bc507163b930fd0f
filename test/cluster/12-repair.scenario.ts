import assert from 'node:assert/strict';
import { TAINT } from '../../agent/taint.ts';
import { addressOf, apply, eventsOf, isReady, podsOf, readyPods } from './ask.ts';
import { type Cluster, cluster } from './cluster.ts';
import { install, uninstall } from './install.ts';
import { rulesOf } from './kernel.ts';
import { deployment, job } from './pods.ts';
import { untilTrue } from './until.ts';

const node = 'node-1';

describe('pods that were started before Sluice came', function () {
  this.timeout(240_000);
  const at = cluster(async ({ kubectl: undo }) => {
    await undo(['delete', 'pdb', 'evicted', '--ignore-not-found']);
    for (const role of ['sluice-agent-delete', 'sluice-agent-taint'])
      await undo(['delete', 'clusterrolebinding', role, '--ignore-not-found']);
  });
  const kubectl = (...args: string[]): Promise<string> => at().kubectl(args);
  const rules = async (app: string): Promise<readonly string[]> => {
    const pods = (await podsOf(at(), app)).filter(({ status }) => status.phase === 'Running');
    return rulesOf(at().nodes[0].host, pods[0] ? addressOf(pods[0]) : '');
  };
  const bind = (role: string): Promise<string> =>
    kubectl(
      ...['create', 'clusterrolebinding', role, `--clusterrole=${role}`],
      '--serviceaccount=sluice-system:sluice-agent',
    );

  before(async () => {
    await uninstall(at());
    const labels = { 'sluice.dev/repair': 'delete' };
    await apply(
      at(),
      deployment('web', { mesh: 'container', node }),
      job('once', { mesh: 'container', node, command: 'sleep 600' }),
      deployment('evicted', { mesh: 'container', node, labels }),
      deployment('validated', { mesh: 'container', node, isValidated: true }),
    );
    for (const app of ['web', 'evicted']) await readyPods(at(), app);
    await untilTrue('the Job runs', async () =>
      (await podsOf(at(), 'once')).some(({ status }) => status.phase === 'Running'),
    );
    await untilTrue('its validation fails again and again', async () => {
      const [pod] = await podsOf(at(), 'validated');
      const [{ restartCount, state } = { restartCount: 0, state: {} }] =
        pod?.status.initContainerStatuses ?? [];
      return restartCount > 0 && state.waiting?.reason === 'CrashLoopBackOff';
    });
    await kubectl('create', 'pdb', 'evicted', '--selector=app=evicted', '--min-available=1');
    await install(at());
  });

  for (const app of ['web', 'once']) {
    it(`are redirected in place, and kubectl describe says so: ${app}`, async () => {
      await untilTrue('it is told', async () => {
        const [pod] = await podsOf(at(), app);
        return pod !== undefined && /Normal +RedirectionRepaired /.test(await eventsOf(at(), pod));
      });
      assert.ok((await rules(app)).length > 0);
      assert.equal((await podsOf(at(), app)).length, 1);
    });
  }

  it('are helped where their validation keeps failing, and no later try fails', async () => {
    const [pod] = await readyPods(at(), 'validated');
    const [{ restartCount, lastState } = { restartCount: 0, lastState: {} }] =
      pod.status.initContainerStatuses ?? [];
    assert.ok(restartCount > 0);
    assert.equal(lastState.terminated?.exitCode, 126);
    // None that began later has failed.
    const path = `--output=jsonpath={.items[?(@.reason=="RedirectionRepaired")].firstTimestamp}`;
    const about = `--field-selector=involvedObject.uid=${pod.metadata.uid}`;
    const repairedAt = await kubectl('get', 'events', about, path);
    assert.ok(lastState.terminated.startedAt <= repairedAt, `repaired at ${repairedAt}`);
  });

  it('stay, where they are to be deleted, as long as nobody may', async () => {
    const [pod] = await podsOf(at(), 'evicted');
    assert.ok(pod && isReady(pod));
    assert.deepEqual(await rules('evicted'), []);
  });

  it('stay as long as their PodDisruptionBudget wants it, and say so', async () => {
    await bind('sluice-agent-delete');
    await restartAgents(at());
    const [pod] = await readyPods(at(), 'evicted');
    await untilTrue('it is told', async () =>
      /Warning +EvictionRefused .*PodDisruptionBudget/.test(await eventsOf(at(), pod)),
    );
    assert.equal((await readyPods(at(), 'evicted'))[0].metadata.uid, pod.metadata.uid);
  });

  it('are made anew, and redirected, when it lets them go', async () => {
    const [before] = await podsOf(at(), 'evicted');
    await kubectl('delete', 'pdb', 'evicted');
    const isAnother = async (): Promise<boolean> => {
      const pods = await podsOf(at(), 'evicted');
      return pods.some((pod) => isReady(pod) && pod.metadata.uid !== before?.metadata.uid);
    };
    await untilTrue('there is another', isAnother, { timeoutMs: 120_000 });
    assert.ok((await rules('evicted')).length > 0);
  });

  it('need not be repaired on a node that begins with the taint, which the agent takes off', async () => {
    await bind('sluice-agent-taint');
    await kubectl('taint', 'node', node, `${TAINT}=:NoSchedule`);
    await restartAgents(at());
    await untilTrue('the taint is gone', async () => {
      const taints = await kubectl('get', 'node', node, '--output=jsonpath={.spec.taints[*].key}');
      return !taints.includes(TAINT);
    });
  });
});

async function restartAgents({ kubectl }: Cluster): Promise<void> {
  const daemonSet = ['daemonset/sluice-agent', '--namespace=sluice-system'];
  await kubectl(['rollout', 'restart', ...daemonSet]);
  await kubectl(['rollout', 'status', ...daemonSet, '--timeout=120s']);
}
