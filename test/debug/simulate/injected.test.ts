import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { command } from '../../../debug/simulate/simulate.ts';
import { invoke, type Told } from '../invoke.ts';

const PORTS = 'traffic.sidecar.istio.io/excludeOutboundPorts';

/** As people write it: nothing is injected before the pods are made. */
function deployment(annotations: Readonly<Record<string, string>>, namespace = 'shop'): string {
  const template = { metadata: { annotations }, spec: { containers: [{ name: 'web' }] } };
  return stringify({
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { template },
  });
}

const simulate = (manifest: string): Promise<Told> =>
  invoke(command, ['-f', '-'], { stdin: () => manifest });

/** What is told from there on. */
function onceInjected({ text }: Told): string[] {
  return (text.split('\nOnce injected, as far as the manifest tells\n')[1] ?? '').split('\n');
}

describe('simulate of what is not injected yet', () => {
  it('tells what its annotations would do beside a sidecar, and how to know all', async () => {
    const told = await simulate(deployment({ [PORTS]: '5432' }));
    assert.equal(told.exitCode, 0);
    assert.match(told.text, /^shop\/web is left alone: not-injected$/m);
    assert.deepEqual(onceInjected(told), [
      '  shop/web would be redirected (REDIRECT)',
      '',
      '  Settings',
      `    excludeOutboundPorts  5432  annotation ${PORTS}`,
      '  with all that the mesh adds: istioctl kube-inject -f <file> | sluice simulate -f -',
      '',
    ]);
  });

  it('names an annotation that is not spelled right', async () => {
    const told = await simulate(deployment({ [PORTS.slice(0, -1)]: '5432' }));
    assert.match(onceInjected(told).join('\n'), /excludeOutboundPort" +nearest known one is/);
  });

  it('calls it a problem where the pod would not start', async () => {
    const told = await simulate(deployment({ [PORTS]: 'ssh' }));
    assert.equal(told.exitCode, 1);
    assert.match(onceInjected(told)[0] ?? '', /^ {2}shop\/web would be refused: .*"ssh"/);
  });

  it('believes a pod that wants no sidecar', async () => {
    const told = await simulate(deployment({ 'sidecar.istio.io/inject': 'false' }));
    assert.deepEqual(onceInjected(told), ['  shop/web is left alone: injection-disabled', '']);
  });

  it('tells nothing of a namespace that is never redirected', async () => {
    const told = await simulate(deployment({ [PORTS]: 'ssh' }, 'kube-system'));
    assert.equal(told.exitCode, 0);
    assert.deepEqual(onceInjected(told), ['']);
  });
});

describe('simulate of what makes no pod', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'cannot simulate: the manifest is empty',
    'kind: Service\nmetadata: {name: web}': 'cannot simulate: no pod comes of Service web',
    'kind: A\n---\nkind: B\n---\nkind: C': 'cannot simulate: no pod comes of A and 2 more',
  };
  for (const [manifest, message] of Object.entries(cases)) {
    it(`says so: ${message}`, async () => {
      await assert.rejects(simulate(manifest), { exitCode: 2, message });
    });
  }

  it('names the file that is no YAML', async () => {
    const file = new URL('../../../LICENSE', import.meta.url).pathname;
    await assert.rejects(invoke(command, ['-f', file]), {
      exitCode: 2,
      message: `cannot read the manifest "${file}"`,
    });
  });
});
