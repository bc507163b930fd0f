import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parsePodRef } from '../../../cni/spec/args.ts';
import { failure } from '../../support/invocation.ts';

describe('parsePodRef()', () => {
  const pod = { namespace: 'default', name: 'web-0', uid: undefined };
  const cases: Record<string, readonly [string, object | undefined]> = {
    'nothing at all': ['', undefined],
    'other keys': ['IgnoreUnknown=1;FOO=bar', undefined],
    'a pod': ['K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0', pod],
    'any order': ['K8S_POD_NAME=web-0;X=1;K8S_POD_NAMESPACE=default', pod],
    'what containerd sends': [
      'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=a1;K8S_POD_UID=u-1',
      { ...pod, uid: 'u-1' },
    ],
    'an empty UID': ['K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=', pod],
    'empty values': ['K8S_POD_NAMESPACE=;K8S_POD_NAME=', undefined],
    'a UID alone': ['K8S_POD_UID=u-1', undefined],
    'empty pairs': [';K8S_POD_NAMESPACE=default;;K8S_POD_NAME=web-0;', pod],
    'a value with =': ['A=b=c;K8S_POD_NAMESPACE=default;K8S_POD_NAME=a=b', { ...pod, name: 'a=b' }],
    'the last of two': ['K8S_POD_NAME=a;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0', pod],
    'keys of another letter case': ['k8s_pod_namespace=default;k8s_pod_name=web-0', undefined],
  };
  for (const [name, [args, expected]] of Object.entries(cases)) {
    it(`reads ${name}`, () => {
      assert.deepEqual(parsePodRef(args), expected);
    });
  }

  const wrong: Record<string, string> = {
    'some;extra;args': 'cannot read "some" in CNI_ARGS: wanted KEY=VALUE',
    '=1': 'cannot read "=1" in CNI_ARGS: wanted KEY=VALUE',
    'A=1;K8S_POD_NAME': 'cannot read "K8S_POD_NAME" in CNI_ARGS: wanted KEY=VALUE',
    'K8S_POD_NAME=web-0': 'cannot tell the pod from CNI_ARGS: K8S_POD_NAMESPACE is not set',
    'K8S_POD_NAMESPACE=default;K8S_POD_NAME=':
      'cannot tell the pod from CNI_ARGS: K8S_POD_NAME is not set',
  };
  for (const [args, expected] of Object.entries(wrong)) {
    it(`refuses ${args}`, () => {
      const { code, message } = failure(() => parsePodRef(args));
      assert.deepEqual([code, message], [4, expected]);
    });
  }

  it('reads a pod among any other pairs', () => {
    const text = fc.string().map((value) => value.replaceAll(/[;=]/g, ''));
    const others = fc.array(text.map((value) => `X${value}=${value}`));
    fc.assert(
      fc.property(others, others, (before, after) => {
        const own = ['K8S_POD_NAME=web-0', 'K8S_POD_NAMESPACE=default'];
        assert.deepEqual(parsePodRef([...before, ...own, ...after].join(';')), pod);
      }),
    );
  });
});
