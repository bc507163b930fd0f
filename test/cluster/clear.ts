import { type Plane } from './plane.ts';

/** Takes away all pods that scenarios make, and what would make them anew, at once. */
export async function clear({ kubectl }: Pick<Plane, 'kubectl'>): Promise<void> {
  const kinds = 'deployments,statefulsets,jobs,pods';
  await kubectl(['delete', kinds, '--all', '--grace-period=0', '--force']);
}
