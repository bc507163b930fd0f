import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { command } from '../../../debug/simulate/simulate.ts';
import { temporaryDirectory } from '../../cni/facts/serve.ts';
import { type PodChanges, v1Pod } from '../../support/pod.ts';
import { invoke, type Told } from '../invoke.ts';

const simulate = (manifest: string, ...args: string[]): Promise<Told> =>
  invoke(command, ['-f', '-', ...args], { stdin: () => manifest });

const metadata = { name: 'web', namespace: 'shop' };

/** The template of a workload: it has a name of its own only where a test gives it one. */
function template(changes: PodChanges = {}): object {
  const pod = v1Pod(changes);
  const { labels, annotations } = pod.metadata;
  return { metadata: { labels, annotations }, spec: pod.spec };
}

const kinds: Readonly<Record<string, object>> = {
  Pod: { kind: 'Pod', ...template(), metadata: { ...metadata, ...v1Pod().metadata, ...metadata } },
  ...Object.fromEntries(
    ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'].map((kind) => [
      kind,
      { kind, metadata, spec: { template: template() } },
    ]),
  ),
  CronJob: { kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template: template() } } } },
};

const headline = 'shop/web would be redirected (REDIRECT)';

describe('simulate', () => {
  for (const [kind, object] of Object.entries(kinds)) {
    for (const [format, render] of [
      ['YAML', stringify] as const,
      ['JSON', JSON.stringify] as const,
    ]) {
      it(`takes a ${kind} in ${format}`, async () => {
        const { exitCode, text } = await simulate(render(object));
        assert.deepEqual([exitCode, text.split('\n').slice(0, 2)], [0, [`${kind} web`, headline]]);
      });
    }
  }

  it('takes several documents, and Lists of objects', async () => {
    const list = { kind: 'List', items: [kinds.Deployment, { kind: 'Service', metadata }] };
    const { text } = await simulate(`${stringify(list)}---\n---\n${stringify(kinds.Job)}`);
    assert.deepEqual(text.match(/^(Deployment|Job|Service|makes).*/gm), [
      'Deployment web',
      'Job web',
      'makes no pod: Service web',
    ]);
  });

  it('takes several files, however they are named', async () => {
    const { path, dispose } = temporaryDirectory();
    try {
      const files = ['Pod', 'Deployment', 'Job'].map((kind) => {
        const file = join(path, `${kind}.yaml`);
        writeFileSync(file, stringify(kinds[kind]));
        return file;
      });
      const [pod = '', deployment = '', job = ''] = files;
      for (const args of [
        ['-f', pod, deployment, job],
        ['-f', pod, '-f', deployment, '-f', job],
      ]) {
        const { text } = await invoke(command, args);
        const headings = ['Pod web', 'Deployment web', 'Job web'];
        assert.deepEqual(text.match(/^(Pod|Deployment|Job) web/gm), headings);
      }
    } finally {
      dispose();
    }
  });

  it('tells the same twice', async () => {
    const manifest = stringify(kinds.Pod);
    const [one, other] = [await simulate(manifest), await simulate(manifest)];
    assert.deepEqual(one, other);
  });

  it('takes the namespace of an object that names none from its option', async () => {
    const pod = stringify({
      kind: 'Job',
      metadata: { name: 'web' },
      spec: { template: template() },
    });
    const told = [await simulate(pod), await simulate(pod, '-n', 'kube-system')];
    assert.deepEqual(
      told.map(({ text }) => text.split('\n')[1]),
      [
        'default/web would be redirected (REDIRECT)',
        'kube-system/web is left alone: namespace-excluded',
      ],
    );
  });

  it('calls a pod that would not start a problem', async () => {
    const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPorts': 'ssh' };
    const job = { kind: 'Job', metadata, spec: { template: template({ annotations }) } };
    const { exitCode, text } = await simulate(stringify(job));
    assert.equal(exitCode, 1);
    assert.match(text, /shop\/web would be refused: .*excludeOutboundPorts.*"ssh"/);
  });

  const wrong: Readonly<Record<string, string>> = {
    'no YAML': 'a: b: c',
    'no object': '3',
    'an object without a kind': 'metadata: {}',
    'no pod at all': 'kind: Service',
    'a pod that is none': 'kind: Pod\nspec: {containers: 3}\nmetadata: {name: a}',
    nothing: '',
  };
  for (const [what, manifest] of Object.entries(wrong)) {
    it(`takes ${what} for wrong arguments`, async () => {
      await assert.rejects(simulate(manifest), { name: 'CommandError', exitCode: 2 });
    });
  }

  it('says which file it cannot read', async () => {
    await assert.rejects(invoke(command, ['-f', 'nowhere.yaml']), {
      exitCode: 2,
      message: /^cannot read "nowhere.yaml": ENOENT/,
    });
  });
});
