import assert from 'node:assert/strict';

import { CniError } from '../../cni/spec/error.ts';
import { type Invocation } from '../../cni/spec/request.ts';

interface Changes {
  readonly env?: Readonly<Record<string, string>>;
  /** Keys of the network configuration; `undefined` takes one away. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Instead of the entry. */
  readonly stdin?: string;
}

/** An ADD as containerd sends it for the pod default/web-0, with the differences that matter. */
export function invocation({ env = {}, entry = {}, stdin }: Changes = {}): Invocation {
  return {
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'a1b2c3',
      CNI_NETNS: '/run/netns/cni-1',
      CNI_IFNAME: 'eth0',
      CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=u-1',
      CNI_PATH: '/opt/cni/bin',
      ...env,
    },
    stdin:
      stdin ?? JSON.stringify({ cniVersion: '1.1.0', name: 'k8s', type: 'sluice-cni', ...entry }),
  };
}

/** The `CniError` that `run` throws; any other outcome fails the test. */
export function failure(run: () => unknown): CniError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof CniError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}
