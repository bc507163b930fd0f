import assert from 'node:assert/strict';

import {
  annotation,
  argument,
  labelOrAnnotation,
  runsAs,
  variable,
} from '../../../cni/redirect/said.ts';
import { container, podFacts } from '../../support/pod.ts';

describe('annotation()', () => {
  it('tells absent from empty', () => {
    const pod = podFacts({ annotations: { a: '' } });
    assert.deepEqual(annotation(pod, 'a'), { source: 'annotation a', text: '' });
    assert.equal(annotation(pod, 'b'), undefined);
  });
});

describe('labelOrAnnotation()', () => {
  it('prefers the label', () => {
    const pod = podFacts({ labels: { a: '1' }, annotations: { a: '2', b: '3' } });
    assert.deepEqual(labelOrAnnotation(pod, 'a'), { source: 'label a', text: '1' });
    assert.deepEqual(labelOrAnnotation(pod, 'b'), { source: 'annotation b', text: '3' });
  });
});

describe('variable()', () => {
  it('tells what is said from what only the kubelet knows', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: undefined },
    ];
    const proxy = container('proxy', { env });
    assert.deepEqual(variable(proxy, 'A'), { source: 'env A of container proxy', text: '1' });
    assert.deepEqual(variable(proxy, 'B'), { source: 'env B of container proxy', text: undefined });
    assert.equal(variable(proxy, 'C'), undefined);
  });
});

describe('argument()', () => {
  const cases: [args: string[], text: string | undefined][] = [
    [[], undefined],
    [['-p', '1'], '1'],
    [['-p=1'], '1'],
    [['-p1'], '1'],
    [['--port', '1'], '1'],
    [['--port=1'], '1'],
    [['--port=1', '-p', '2'], '2'],
    [['-p', '1', '--port=2'], '2'],
    [['-p'], ''],
    [['--portal=1', '--p', '1', '-u', '1'], undefined],
  ];
  for (const [validationArgs, text] of cases) {
    it(`reads ${JSON.stringify(validationArgs)} as ${JSON.stringify(text)}`, () => {
      const said = argument(podFacts({ validationArgs }), '-p', '--port');
      assert.equal(said?.text, text);
    });
  }

  it('names the place', () => {
    const pod = podFacts({ validationArgs: ['-p=1'] });
    const source = 'argument -p of container istio-validation';
    assert.equal(argument(pod, '-p', '--port')?.source, source);
  });

  it('finds nothing in a pod without the container', () => {
    assert.equal(argument({ ...podFacts(), containers: [] }, '-p', '--port'), undefined);
  });
});

describe('runsAs()', () => {
  const cases: [name: string, own: number | undefined, pod: number | undefined, said: unknown][] = [
    ['nobody says it', undefined, undefined, undefined],
    ['the container says it', 1, 2, { source: 'securityContext of container c', text: '1' }],
    ['the pod says it', undefined, 2, { source: 'securityContext of the pod', text: '2' }],
    ['the container is root', 0, 2, undefined],
    ['the pod is root', undefined, 0, undefined],
  ];
  for (const [name, own, pod, said] of cases) {
    it(name, () => {
      const proxy = container('c', { runAsUser: own });
      assert.deepEqual(runsAs(podFacts({ runAsUser: pod }), proxy, 'runAsUser'), said);
    });
  }
});
