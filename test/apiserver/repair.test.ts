import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, createApi } from '../../agent/api.ts';
import { loadKubeConfig } from '../../agent/kubeconfig.ts';
import { cutPod, type Pod } from '../../agent/pod.ts';
import { createEvict } from '../../agent/repair/evict.ts';
import { createLabel, LABEL, removeLabel } from '../../agent/repair/label.ts';
import { type Patient, type Result } from '../../agent/repair/treatment.ts';
import { apiServer } from '../support/apiserver.ts';
import { bindRole } from '../support/apiserverrights.ts';
import { createCleanup } from '../support/cleanup.ts';
import { createToken } from '../support/apiserveragent.ts';
import { createPods, deletePod } from '../support/apiserverpods.ts';
import { unredirected } from '../support/patient.ts';

const { signal } = new AbortController();

describe('repair by the API server', function () {
  this.timeout(120_000);
  const server = apiServer(createCleanup());
  let api: Api;

  before(async () => {
    const { kubectl, directory, caFile, port } = server();
    await kubectl(['apply', '-f', 'DaemonSet.yaml']);
    const account = join(directory, 'repair-account');
    await mkdir(account);
    await copyFile(caFile, join(account, 'ca.crt'));
    await writeFile(join(account, 'token'), await kubectl(createToken));
    const access = { host: '127.0.0.1', port: String(port), serviceAccountDir: account };
    api = createApi(() => loadKubeConfig(access));
  });

  const raw = async (name: string): Promise<{ metadata: Record<string, unknown> }> =>
    JSON.parse(await server().kubectl(['get', 'pod', name, '--output=json'])) as {
      metadata: Record<string, unknown>;
    };
  const patch = (kind: string, name: string, body: object, part?: string): Promise<string> =>
    server().kubectl([
      ...['patch', kind, name, '--type=merge', '-p', JSON.stringify(body)],
      ...(part === undefined ? [] : [`--subresource=${part}`]),
    ]);
  const podNow = async (name: string): Promise<Pod> => cutPod(await raw(name));
  /** A pod that runs, and that somebody would make anew. */
  const runningPod = async (name: string): Promise<Patient> => {
    await createPods(server(), [name]);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs-1' };
    await patch('pod', name, { metadata: { ownerReferences: [{ ...owner, controller: true }] } });
    const conditions = [{ type: 'Ready', status: 'True' }];
    await patch('pod', name, { status: { phase: 'Running', conditions } }, 'status');
    return unredirected(await podNow(name));
  };
  const evict = (patient: Patient): Promise<Result> =>
    createEvict({ api, signal, pauseMs: 0 })(patient);
  const isGoing = async (name: string): Promise<boolean> =>
    (await raw(name)).metadata.deletionTimestamp !== undefined;

  it('may not evict or label before somebody allows it', async () => {
    const patient = await runningPod('denied');
    for (const treatment of [createEvict({ api, signal }), createLabel({ api, signal })]) {
      const { outcome, error } = await treatment(patient);
      assert.equal(outcome, 'failed');
      assert.match(String((error as Error).cause), /forbidden/);
    }
  });

  describe('that may evict', () => {
    before(() => bindRole(server(), 'sluice-agent-delete', 'create pods --subresource=eviction'));

    it('evicts the pod that it was told of', async () => {
      const patient = await runningPod('goes');
      const { outcome, event } = await evict(patient);
      assert.deepEqual([outcome, event?.reason], ['done', 'EvictedForRedirection']);
      assert.equal(await isGoing('goes'), true);
      assert.equal((await evict(patient)).outcome, 'gone');
    });

    it('leaves another pod of that name alone', async () => {
      const patient = await runningPod('again');
      await deletePod(server(), 'again');
      await runningPod('again');
      assert.equal((await evict(patient)).outcome, 'gone');
      assert.equal(await isGoing('again'), false);
    });

    it('does not evict a pod that changes between its look and its eviction', async () => {
      const patient = await runningPod('changes');
      const slow: Pick<Api, 'get' | 'write'> = {
        get: api.get,
        write: async (change, limits) => {
          await server().kubectl(['label', 'pod', 'changes', 'now=other']);
          return api.write(change, limits);
        },
      };
      const { outcome } = await createEvict({ api: slow, signal })(patient);
      assert.equal(outcome, 'refused');
      assert.equal(await isGoing('changes'), false);
    });

    it('respects a PodDisruptionBudget, and tries again when that lets it', async () => {
      const patient = await runningPod('budget');
      await server().kubectl(['label', 'pod', 'budget', 'app=budget', '--overwrite']);
      const args = ['create', 'pdb', 'budget', '--selector=app=budget', '--min-available=1'];
      await server().kubectl(args);
      const { outcome, event } = await evict(patient);
      assert.deepEqual([outcome, event?.reason], ['refused', 'EvictionRefused']);
      assert.match(event?.message ?? '', /PodDisruptionBudget/);
      assert.equal(await isGoing('budget'), false);
      const status = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2 };
      await patch(
        'pdb',
        'budget',
        { status: { ...status, desiredHealthy: 1, expectedPods: 2 } },
        'status',
      );
      assert.equal((await evict(patient)).outcome, 'done');
    });

    it('does not evict a pod that nobody would make anew', async () => {
      await createPods(server(), ['alone']);
      const { outcome, event } = await evict(unredirected(await podNow('alone')));
      assert.equal(outcome, 'refused');
      assert.match(event?.message ?? '', /nobody would make it anew/);
      assert.equal(await isGoing('alone'), false);
    });

    it('knows that a pod is gone', async () => {
      const patient = await runningPod('gone');
      await deletePod(server(), 'gone');
      assert.equal((await evict(patient)).outcome, 'gone');
    });
  });

  describe('that may label', () => {
    before(() => bindRole(server(), 'sluice-agent-label', 'patch pods --subresource=status'));

    it('labels the pod, and takes the label off when it is right again', async () => {
      const patient = await runningPod('labelled');
      const { outcome, event } = await createLabel({ api, signal })(patient);
      const message = `it is labelled ${LABEL}: it holds no rules`;
      assert.deepEqual(
        [outcome, event],
        ['done', { type: 'Warning', reason: 'NotRedirected', message }],
      );
      assert.equal((await podNow('labelled')).metadata.labels[LABEL], 'true');
      await removeLabel(await podNow('labelled'), { api, signal });
      assert.deepEqual((await podNow('labelled')).metadata.labels, { app: 'web' });
    });

    it('leaves another pod of that name alone', async () => {
      const patient = await runningPod('relabelled');
      await deletePod(server(), 'relabelled');
      await runningPod('relabelled');
      assert.equal((await createLabel({ api, signal })(patient)).outcome, 'gone');
      assert.equal((await podNow('relabelled')).metadata.labels[LABEL], undefined);
    });
  });
});
