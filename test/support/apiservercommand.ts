import { join } from 'node:path';

interface Place {
  /** Where the programs are. */
  readonly binaries: string;
  /** Where their files are. */
  readonly directory: string;
  readonly port: number;
}

export function etcdCommand({
  binaries,
  directory,
  port,
  peerPort,
}: Place & { readonly peerPort: number }): string[] {
  const clients = `http://127.0.0.1:${port}`;
  const peers = `http://127.0.0.1:${peerPort}`;
  return [
    join(binaries, 'etcd'),
    `--data-dir=${directory}/etcd`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--log-level=warn',
  ];
}

interface ServerOptions extends Place {
  readonly etcdPort: number;
  readonly certificate: { readonly certFile: string; readonly keyFile: string };
}

/** For an API server with which nobody speaks but us. */
export function serverCommand(options: ServerOptions): string[] {
  return [
    ...serverCommandStart(options),
    '--bind-address=127.0.0.1',
    // No Service leads here.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    // Nobody makes the service account "default" of each namespace.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

/** What any API server of ours is told. */
export function serverCommandStart({
  binaries,
  directory,
  port,
  etcdPort,
  certificate: { certFile, keyFile },
}: ServerOptions): string[] {
  return [
    join(binaries, 'kube-apiserver'),
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${certFile}`,
    `--tls-private-key-file=${keyFile}`,
    `--token-auth-file=${directory}/tokens.csv`,
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${certFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    `--audit-policy-file=${directory}/audit.json`,
    `--audit-log-path=${directory}/audit.log`,
  ];
}

/** What service accounts ask for, and how it ends. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
};

export function kubeconfig(
  port: number,
  caFile: string,
  { host = '127.0.0.1', token = 'administrator' } = {},
): object {
  const name = 'test';
  const cluster = { server: `https://${host}:${port}`, 'certificate-authority': caFile };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
