import { join } from 'node:path';
import { whyNoHost } from '../bed/host.ts';
import { provideCrictl } from '../bed/crictl.ts';
import { provideImage } from '../bed/images.ts';
import { findRuntime, type Runtime } from '../bed/runtimes.ts';
import { clusterPrograms, findBinaries } from '../support/apiserverbuild.ts';
import { provideLibcni } from '../support/libcni.ts';
import { type CniVersion } from './nodefiles.ts';
import { say } from './until.ts';

/** Folders with what a cluster runs, and what containers are made of. */
export interface Programs {
  readonly kubernetes: string;
  readonly crictl: string;
  /** Of each node. */
  readonly runtimes: readonly [NodeRuntime, NodeRuntime];
  /** Archives of all images, ours among them. */
  readonly images: readonly string[];
}

/** A runtime, and the version of CNI that its network is written in. */
export interface NodeRuntime extends Runtime {
  readonly cniVersion: CniVersion;
  /** Folders with the plugins of that network; later ones win. */
  readonly plugins: readonly string[];
}

const root = join(import.meta.dirname, '../..');
const debianPlugins = '/usr/lib/cni';

export async function findPrograms(): Promise<Programs | { readonly missing: string }> {
  const missing = whyNoHost();
  if (missing !== undefined) return { missing };
  const kubernetes = await findBinaries(clusterPrograms);
  if ('missing' in kubernetes) return kubernetes;
  const crictl = await provideCrictl();
  if ('missing' in crictl) return crictl;
  const runtimes = await findRuntimes();
  if ('missing' in runtimes) return runtimes;
  const images = await Promise.all((['pause', 'box', 'sidecar'] as const).map(provideImage));
  return {
    kubernetes: kubernetes.directory,
    crictl: crictl.directory,
    runtimes,
    images: [...images, join(root, 'dist/sluice-image.tar')],
  };
}

/** An old runtime and a new one, or the old one twice where the new one was not built. */
async function findRuntimes(): Promise<Programs['runtimes'] | { readonly missing: string }> {
  const debian = await findRuntime('debian');
  if ('missing' in debian) return debian;
  const old: NodeRuntime = { ...debian, cniVersion: '1.0.0', plugins: [debianPlugins] };
  const [built, libcni] = [await findRuntime('built'), await provideLibcni()];
  for (const each of [built, libcni]) if ('missing' in each) say(each.missing);
  if ('missing' in built || 'missing' in libcni) return [old, old];
  // Debian's own do not speak 1.1.0.
  const plugins = [debianPlugins, libcni.directory];
  return [old, { ...built, cniVersion: '1.1.0', plugins }];
}
