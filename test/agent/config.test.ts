import assert from 'node:assert/strict';
import { ConfigError, readConfig } from '../../agent/config.ts';
import { VARIABLES } from '../../agent/variables.ts';

describe('readConfig()', () => {
  it('needs the name of the node only', () => {
    assert.deepEqual(readConfig({ NODE_NAME: 'n1' }), {
      nodeName: 'n1',
      pod: undefined,
      socketPath: '/run/sluice/agent.sock',
      stateDir: '/var/lib/sluice',
      address: { host: '127.0.0.1', port: 15097 },
      logLevel: 'info',
      backend: 'auto',
      excludeNamespaces: ['kube-system'],
      toolsDir: undefined,
      api: {
        host: 'kubernetes.default.svc',
        port: '443',
        serviceAccountDir: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
      census: { seconds: 60, procDir: '/proc', resultsDir: '/var/lib/cni/results' },
      repair: { mode: 'repair', cutConnections: false },
      install: {
        mode: 'chained',
        netDir: '/etc/cni/net.d',
        binDir: '/opt/cni/bin',
        apiFallback: false,
      },
    });
  });

  it('takes an empty variable for a missing one', () => {
    const empty = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, '']));
    assert.deepEqual(readConfig({ ...empty, NODE_NAME: 'n1' }), readConfig({ NODE_NAME: 'n1' }));
  });

  it('reads each variable', () => {
    const config = readConfig({
      NODE_NAME: 'n1.example.com',
      POD_NAME: 'sluice-agent-abcde',
      POD_NAMESPACE: 'sluice-system',
      SLUICE_AGENT_SOCKET: '/a',
      SLUICE_STATE_DIR: '/b',
      SLUICE_ADDRESS: '[::1]:0',
      SLUICE_LOG_LEVEL: 'debug',
      SLUICE_BACKEND: 'iptables-legacy',
      SLUICE_EXCLUDE_NAMESPACES: 'a,b-c',
      SLUICE_TOOLS_DIR: '/c',
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '6443',
      SLUICE_SERVICE_ACCOUNT_DIR: '/d',
      SLUICE_REPAIR: 'observe',
      SLUICE_REPAIR_CUT_CONNECTIONS: 'true',
      SLUICE_INSTALL: 'drop-in',
      SLUICE_CNI_NET_DIR: '/e',
      SLUICE_CNI_BIN_DIR: '/f',
      SLUICE_API_FALLBACK: 'true',
      SLUICE_CENSUS_SECONDS: '5',
      SLUICE_PROC_DIR: '/g',
      SLUICE_CNI_RESULTS_DIR: '/h',
    });
    assert.deepEqual(config, {
      nodeName: 'n1.example.com',
      pod: { namespace: 'sluice-system', name: 'sluice-agent-abcde' },
      socketPath: '/a',
      stateDir: '/b',
      address: { host: '::1', port: 0 },
      logLevel: 'debug',
      backend: 'iptables-legacy',
      excludeNamespaces: ['a', 'b-c'],
      toolsDir: '/c',
      api: { host: 'fd00::1', port: '6443', serviceAccountDir: '/d' },
      census: { seconds: 5, procDir: '/g', resultsDir: '/h' },
      repair: { mode: 'observe', cutConnections: true },
      install: { mode: 'drop-in', netDir: '/e', binDir: '/f', apiFallback: true },
    });
  });

  it('prefers a kubeconfig to the service account', () => {
    const { api } = readConfig({ NODE_NAME: 'n1', SLUICE_KUBECONFIG: '/k' });
    assert.deepEqual(api, { kubeconfig: '/k' });
  });

  const wrong = {
    NODE_NAME: ['N1', 'a b', '-n', 'n/1'],
    SLUICE_AGENT_SOCKET: ['agent.sock', 'a\0b'],
    SLUICE_ADDRESS: ['15097', ':15097', 'localhost:1', '127.0.0.1:65536', '127.0.0.1:', '::1:80'],
    SLUICE_LOG_LEVEL: ['loud', 'INFO'],
    POD_NAME: ['Sluice', 'a b'],
    POD_NAMESPACE: ['-a'],
    SLUICE_BACKEND: ['nft'],
    SLUICE_CENSUS_SECONDS: ['0', '86401', '1.5', 'often'],
    KUBERNETES_SERVICE_HOST: ['a b', 'https://a'],
    KUBERNETES_SERVICE_PORT: ['0', '65536', 'https', '-1', '1.5'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      it(`refuses ${name}=${JSON.stringify(value)}, naming both`, () => {
        assert.throws(
          () => readConfig({ NODE_NAME: 'n1', [name]: value }),
          (error: unknown) =>
            error instanceof ConfigError &&
            error.message.includes(`${name} is "${value}", wanted `),
        );
      });
    }
  }

  it('names all that is wrong in one sentence', () => {
    assert.throws(
      () => readConfig({ SLUICE_STATE_DIR: 'state', SLUICE_LOG_LEVEL: 'loud' }),
      new ConfigError(
        'cannot use the environment: NODE_NAME is not set; ' +
          'SLUICE_STATE_DIR is "state", wanted an absolute path; ' +
          'SLUICE_LOG_LEVEL is "loud", wanted one of "debug", "info", "warn", "error"',
      ),
    );
  });
});
