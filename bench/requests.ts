import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Netns } from '../test/support/netns.ts';
import { type Command } from './command.ts';
import { pod, unmeshedAnnotations } from './pod.ts';

/** A long PATH costs failed lookups, and variables of Node.js cost more than that. */
const clean = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
const annotations = 'io.kubernetes.cri.pod-annotations';

/** What this run uses. */
export interface Paths {
  /** Where the executables are. */
  readonly programs: string;
  readonly agentSocket: string;
  readonly stateDir: string;
}

/**
 * Copies the executables to where they are to run. Written one after the other, the page cache holds both in the
 * same way; as built at different times, one and the same took 38 or 54 MB.
 */
export function install({ programs }: Paths): void {
  const dist = join(import.meta.dirname, '../dist');
  for (const name of ['sluice-cni', 'empty']) copyFileSync(join(dist, name), join(programs, name));
}

export function empty(paths: Paths): Command {
  return { ...version(paths), file: join(paths.programs, 'empty') };
}

export function version({ programs }: Paths): Command {
  const env = { ...clean, CNI_COMMAND: 'VERSION' };
  const file = join(programs, 'sluice-cni');
  return { file, args: [], env, input: '{"cniVersion":"1.0.0"}' };
}

export function unmeshedAdd(netns: Netns, paths: Paths): Command {
  return request('ADD', netns, { paths, podAnnotations: unmeshedAnnotations });
}

export function meshedAdd(netns: Netns, paths: Paths): Command {
  return request('ADD', netns, { paths, podAnnotations: pod.metadata.annotations });
}

export function del(netns: Netns, paths: Paths): Command {
  return request('DEL', netns, { paths, podAnnotations: pod.metadata.annotations });
}

/** As containerd calls the last plugin of a chain. */
function request(
  command: 'ADD' | 'DEL',
  netns: Netns,
  { paths, podAnnotations }: { paths: Paths; podAnnotations: Readonly<Record<string, string>> },
): Command {
  const { namespace, name, uid } = pod.metadata;
  const pairs = { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name, K8S_POD_UID: uid };
  const env = {
    ...clean,
    CNI_COMMAND: command,
    CNI_CONTAINERID: netns.name,
    CNI_NETNS: netns.path,
    CNI_IFNAME: 'eth0',
    CNI_ARGS: ['IgnoreUnknown=1', ...Object.entries(pairs).map((pair) => pair.join('='))].join(';'),
    CNI_PATH: '/opt/cni/bin',
  };
  const config = {
    cniVersion: '1.0.0',
    name: 'bench',
    type: 'sluice-cni',
    capabilities: { [annotations]: true },
    agentSocket: paths.agentSocket,
    stateDir: paths.stateDir,
    runtimeConfig: { [annotations]: podAnnotations },
    prevResult: prevResult(netns),
  };
  return { ...version(paths), env, input: JSON.stringify(config) };
}

function prevResult({ path }: Netns): unknown {
  return {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: path }],
    ips: [
      { interface: 0, address: '10.9.0.1/16', gateway: '10.9.255.254' },
      { interface: 0, address: 'fd09::1/64', gateway: 'fd09::ffff' },
    ],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    dns: {},
  };
}
