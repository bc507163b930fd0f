import { join } from 'node:path';
import { etcdCommand, serverCommandStart } from '../support/apiservercommand.ts';
import { PLANE, SERVICES } from './addresses.ts';

export interface PlanePlace extends Credentials {
  readonly binaries: string;
  readonly directory: string;
}

export interface Credentials {
  /** By which the API server is known, and with which it signs tokens. */
  readonly certificate: { readonly certFile: string; readonly keyFile: string };
  /** Certificates whose tokens count as well. */
  readonly accepted: readonly string[];
  /** Whoever signs certificates of API servers: one after the other. */
  readonly caFile: string;
}

export const SERVER_PORT = 6443;
const etcdPort = 2379;

/** Who may come, and as whom: a line of tokens.csv each. */
export const ADMINISTRATOR = 'administrator';
export function tokens(nodeNames: readonly string[]): string {
  const users = [
    [ADMINISTRATOR, 'admin', 'system:masters'],
    ['controllers', 'system:kube-controller-manager', ''],
    ['scheduler', 'system:kube-scheduler', ''],
    ['proxy', 'system:kube-proxy', ''],
    ...nodeNames.map((name) => [name, `system:node:${name}`, 'system:nodes']),
  ];
  return users.map(([token, user, group], i) => `${[token, user, i, group].join(',')}\n`).join('');
}

export function etcd({ binaries, directory }: PlanePlace): string[] {
  return etcdCommand({ binaries, directory, port: etcdPort, peerPort: etcdPort + 1 });
}

export function server(place: PlanePlace): string[] {
  return [
    ...serverCommandStart({ ...place, port: SERVER_PORT, etcdPort }),
    `--advertise-address=${PLANE.ipv4}`,
    `--service-cluster-ip-range=${SERVICES.ipv4},${SERVICES.ipv6}`,
    ...place.accepted.map((file) => `--service-account-key-file=${file}`),
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    // Nobody resolves the names of the nodes.
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

export function controllers({ binaries, directory, certificate, caFile }: PlanePlace): string[] {
  return [
    join(binaries, 'kube-controller-manager'),
    ...asUser(directory, 'controllers'),
    `--service-account-private-key-file=${certificate.keyFile}`,
    `--root-ca-file=${caFile}`,
    '--use-service-account-credentials=true',
  ];
}

export function scheduler({ binaries, directory }: PlanePlace): string[] {
  return [join(binaries, 'kube-scheduler'), ...asUser(directory, 'scheduler')];
}

function asUser(directory: string, user: string): string[] {
  const file = join(directory, `${user}.kubeconfig`);
  return [
    `--kubeconfig=${file}`,
    `--authentication-kubeconfig=${file}`,
    `--authorization-kubeconfig=${file}`,
    '--leader-elect=false',
  ];
}
