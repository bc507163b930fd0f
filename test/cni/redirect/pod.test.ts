import assert from 'node:assert/strict';

import { parsePod } from '../../../cni/redirect/pod.ts';
import { container, podFacts, v1Pod } from '../../support/pod.ts';

describe('parsePod()', () => {
  const pods = {
    'a pod with all defaults': {},
    'users and groups': { runAsUser: 1, runAsGroup: 2, proxy: { runAsUser: 0, runAsGroup: 3 } },
    'labels and annotations': { labels: { a: 'b' }, annotations: { c: '' } },
    environment: { env: { A: '1', B: '', C: undefined } },
    'a native sidecar': { proxy: { init: true }, others: [container('istio-init')] },
  };
  for (const [name, changes] of Object.entries(pods)) {
    it(`reads ${name}`, () => {
      const facts = podFacts(changes);
      const byKind = facts.containers.toSorted((a, b) => Number(a.init) - Number(b.init));
      assert.deepEqual(parsePod(overTheWire(v1Pod(changes))), { ...facts, containers: byKind });
    });
  }

  it('takes what is left out, and null, for empty', () => {
    const metadata = { namespace: 'n', name: 'p', labels: null };
    const spec = { containers: [{ name: 'c', env: null, securityContext: null }] };
    assert.deepEqual(parsePod({ metadata, spec }), {
      namespace: 'n',
      name: 'p',
      uid: undefined,
      labels: {},
      annotations: {},
      runAsUser: undefined,
      runAsGroup: undefined,
      containers: [container('c')],
    });
  });

  const values: [env: object[], expected: object[]][] = [
    [[{ name: 'A' }], [{ name: 'A', value: '' }]],
    [[{ name: 'A', value: '$(B)' }], [{ name: 'A', value: undefined }]],
    [
      [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
      [{ name: 'A', value: '2' }],
    ],
    [
      [
        { name: 'A', value: '1' },
        { name: 'A', valueFrom: {} },
      ],
      [{ name: 'A', value: undefined }],
    ],
  ];
  for (const [env, expected] of values) {
    it(`reads the environment ${JSON.stringify(env)}`, () => {
      const spec = { containers: [{ name: 'c', env }] };
      const [first] = parsePod({ metadata: { namespace: 'n', name: 'p' }, spec }).containers;
      assert.deepEqual(first?.env, expected);
    });
  }

  it('keeps a key named __proto__', () => {
    const json =
      '{"metadata":{"namespace":"n","name":"p","annotations":{"__proto__":"x"}},"spec":{}}';
    assert.deepEqual(Object.entries(parsePod(JSON.parse(json)).annotations), [['__proto__', 'x']]);
  });
});

describe('parsePod() refuses', () => {
  const metadata = { namespace: 'n', name: 'p' };
  const containers = (of: object) => ({ metadata, spec: { containers: [{ name: 'c', ...of }] } });
  const wrong: [pod: unknown, where: string][] = [
    [null, 'it to be an object'],
    ['pod', 'it to be an object'],
    [[], 'it to be an object'],
    [{ kind: 'Status', metadata, spec: {} }, 'kind to be "Pod"'],
    [{}, 'metadata to be an object'],
    [{ metadata }, 'spec to be an object'],
    [{ metadata: { name: 'p' }, spec: {} }, 'metadata.namespace to be a string'],
    [{ metadata: { ...metadata, uid: 1 }, spec: {} }, 'metadata.uid to be a string'],
    [{ metadata: { ...metadata, labels: [] }, spec: {} }, 'metadata.labels to be an object'],
    [
      { metadata: { ...metadata, annotations: { a: 1 } }, spec: {} },
      'metadata.annotations.a to be a string',
    ],
    [{ metadata, spec: { containers: {} } }, 'spec.containers to be a list'],
    [{ metadata, spec: { containers: [{}] } }, 'spec.containers[0].name to be a string'],
    [{ metadata, spec: { initContainers: [1] } }, 'spec.initContainers[0] to be an object'],
    [containers({ args: [1] }), 'spec.containers[0].args[0] to be a string'],
    [containers({ env: [{ value: '' }] }), 'spec.containers[0].env[0].name to be a string'],
    [
      containers({ env: [{ name: 'A', value: 1 }] }),
      'spec.containers[0].env[0].value to be a string',
    ],
    [
      containers({ securityContext: { runAsUser: '0' } }),
      'spec.containers[0].securityContext.runAsUser to be an integer',
    ],
  ];
  for (const [pod, where] of wrong) {
    it(JSON.stringify(pod), () => {
      const message = `cannot parse pod: expected ${where}`;
      assert.throws(() => parsePod(pod), { name: 'TypeError', message });
    });
  }
});

function overTheWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
