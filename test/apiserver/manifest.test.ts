import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { apiServer } from '../support/apiserver.ts';
import { createCleanup } from '../support/cleanup.ts';

const file = 'DaemonSet.yaml';
const [namespace, ...rest] = parseAllDocuments(readFileSync(file, 'utf8')).map(
  (document) =>
    document.toJS() as { readonly kind: string; readonly metadata: { readonly name: string } },
);
const all = [namespace, ...rest].map(
  (each) => `${each?.kind.toLowerCase() ?? ''}/${each?.metadata.name ?? ''}`,
);

describe('DaemonSet.yaml and the API server', function () {
  this.timeout(120_000);
  const server = apiServer(createCleanup());

  it('is accepted on trial: the namespace alone, then all the rest', async () => {
    const { kubectl } = server();
    const dryRun = ['apply', '--dry-run=server', '--validate=strict', '--output=name', '-f'];
    assert.equal(await kubectl([...dryRun, '-'], JSON.stringify(namespace)), all[0]);
    // What is only tried is not there for the objects in it.
    await kubectl(['apply', '-f', '-'], JSON.stringify(namespace));
    assert.deepEqual(names(await kubectl([...dryRun, file])), all);
  });

  it('is applied, and applied again changes nothing', async () => {
    const { kubectl } = server();
    await kubectl(['apply', '--validate=strict', '-f', file]);
    const again = await kubectl(['apply', '-f', file]);
    assert.deepEqual(
      again.split('\n').filter((line) => !line.endsWith(' unchanged')),
      [],
    );
  });

  it('says nothing that the API server takes for something else', async () => {
    // kubectl diff ends with 1 where there is a difference.
    assert.equal(await server().kubectl(['diff', '-f', file]), '');
  });

  it('has a template of which the API server takes a pod', async () => {
    const { kubectl } = server();
    const daemonSet = ['get', 'daemonset', 'sluice-agent', '--namespace=sluice-system'];
    const { spec } = JSON.parse(await kubectl([...daemonSet, '--output=json'])) as {
      readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
    };
    const metadata = {
      ...spec.template.metadata,
      name: 'sluice-agent-0',
      namespace: 'sluice-system',
    };
    const pod = { ...spec.template, apiVersion: 'v1', kind: 'Pod', metadata };
    const output = '--output=jsonpath={.spec.priority} {.status.qosClass}';
    assert.equal(
      await kubectl(['create', '--dry-run=server', output, '-f', '-'], JSON.stringify(pod)),
      '2000001000 Burstable',
    );
  });
});

function names(stdout: string): string[] {
  return stdout.split('\n').map((line) => line.replace(/\.[^/]*\//, '/'));
}
