import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { openSession } from '../../cni/kernel/session.ts';
import { type Applied } from '../../cni/kernel/apply.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { createCallers } from './callers.ts';
import { type Cleanup } from './cleanup.ts';
import { createMesh, type Mesh, targets } from './mesh.ts';
import { type Netns } from './netns.ts';
import { rulesetsFor } from './plans.ts';
import { type PodChanges } from './pod.ts';
import { type SidecarOptions, startSidecar } from './sidecar.ts';
import { serveDns, serveHttp } from './traffic.ts';
import { dnsAnswers, type Ground } from './trips.ts';

const appPorts = [8080, 8081, 9000, 9005, 9010, 9011, 15008, 15020, 15021, 15090, 16008];
const peerPorts = [8080, 8081, 9000, 9005, 9010, 9011, 15020];

/** A mesh with servers everywhere and HAProxy as the pod's sidecar; the pod has no rules yet. */
export async function createGround(cleanup: Cleanup, options: SidecarOptions): Promise<Ground> {
  const mesh = await createMesh(scratchName(), cleanup);
  const directory = await scratchDirectory(cleanup);
  const callers = createCallers();
  cleanup.add(callers.stop);
  const services = {
    [targets.service.ipv4]: targets.pod.ipv4,
    [targets.service.ipv6]: `[${targets.pod.ipv6}]`,
  };
  const [sidecar, ...servers] = await Promise.all([
    startSidecar(mesh.pod, directory, { services, ...options }),
    serveHttp({ netns: mesh.pod, uid: 1000 }, 'app', appPorts),
    serveHttp({ netns: mesh.peer, uid: 1000 }, 'peer', peerPorts),
    ...nameservers(mesh),
  ]);
  for (const { stop } of [sidecar, ...servers]) cleanup.add(stop);
  return { mesh, callers, sidecar };
}

/** Brings the pod's netns to the rules that a pod with these changes gets, whatever it held before. */
export async function redirect(
  { path }: Netns,
  backend: Backend,
  pod: PodChanges & { readonly dns?: boolean },
): Promise<Applied> {
  const deadlineAt = performance.now() + 20_000;
  const session = await openSession(path, { backend, toolsDir: undefined, deadlineAt });
  try {
    return await session.apply(await rulesetsFor(pod));
  } finally {
    session.close();
  }
}

export function scratchName(): string {
  return `sluice-test-${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Every user may enter it. */
export async function scratchDirectory(cleanup: Cleanup): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
  return directory;
}

/** The sidecar's, and upstream ones on two ports. */
function nameservers({ pod, peer }: Mesh): ReturnType<typeof serveDns>[] {
  const ownAddresses = [targets.localhost, targets.pod].flatMap(addressesOf);
  const peerAddresses = [targets.peer, targets.east].flatMap(addressesOf);
  const { sidecar, upstream } = dnsAnswers;
  return [
    serveDns({ netns: pod, uid: 1337 }, sidecar, { port: 15053, addresses: ['127.0.0.1', '::1'] }),
    serveDns({ netns: pod, uid: 1000 }, upstream, { port: 5353, addresses: ownAddresses }),
    serveDns({ netns: peer, uid: 1000 }, upstream, { port: 53, addresses: peerAddresses }),
    serveDns({ netns: peer, uid: 1000 }, upstream, { port: 5353, addresses: peerAddresses }),
  ];
}

function addressesOf({ ipv4, ipv6 }: Readonly<Record<Family, string>>): string[] {
  return [ipv4, ipv6];
}
