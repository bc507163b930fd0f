import { join } from 'node:path';
import { provideCrictl } from '../bed/crictl.ts';
import { provideImage } from '../bed/images.ts';
import { findRuntime, type Runtime, type RuntimeName } from '../bed/runtimes.ts';
import { clusterPrograms, findBinaries } from '../support/apiserverbuild.ts';

/** Folders with what a cluster runs, and what containers are made of. */
export interface Programs {
  readonly kubernetes: string;
  readonly crictl: string;
  readonly runtime: Runtime;
  /** Archives of all images, ours among them. */
  readonly images: readonly string[];
}

const root = join(import.meta.dirname, '../..');

export async function findPrograms(
  name: RuntimeName = 'debian',
): Promise<Programs | { readonly missing: string }> {
  const kubernetes = await findBinaries(clusterPrograms);
  if ('missing' in kubernetes) return kubernetes;
  const crictl = await provideCrictl();
  if ('missing' in crictl) return crictl;
  const runtime = await findRuntime(name);
  if ('missing' in runtime) return runtime;
  const images = await Promise.all((['pause', 'box', 'sidecar'] as const).map(provideImage));
  return {
    kubernetes: kubernetes.directory,
    crictl: crictl.directory,
    runtime,
    images: [...images, join(root, 'dist/sluice-image.tar')],
  };
}
