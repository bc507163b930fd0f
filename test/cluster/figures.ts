import { type Cluster } from './cluster.ts';
import { agentOf } from './install.ts';

/** The text of /metrics of that node's agent. */
export async function metricsOf(cluster: Cluster, node: string): Promise<string> {
  const pod = `/api/v1/namespaces/sluice-system/pods/${await agentOf(cluster, node)}:15097`;
  return cluster.kubectl(['get', '--raw', `${pod}/proxy/metrics`]);
}

/**
 * A quantile of a phase of ADD, estimated as Prometheus does: within a bucket, all values are as far from each other.
 *
 * @see https://prometheus.io/docs/prometheus/3.5/querying/functions/#histogram_quantile
 */
export function addSeconds(metrics: string, phase: string, quantile: number): number {
  const line = new RegExp(
    `^sluice_add_seconds_bucket\\{(?=[^}]*phase="${phase}")[^}]*le="([^"]+)"[^}]*\\} (\\d+)`,
    'gm',
  );
  const buckets = [...metrics.matchAll(line)].map(([, le, count]) => ({
    most: le === '+Inf' ? Infinity : Number(le),
    count: Number(count),
  }));
  const rank = quantile * (buckets.at(-1)?.count ?? 0);
  const index = buckets.findIndex(({ count }) => count >= rank);
  const [bucket, below] = [buckets[index], buckets[index - 1] ?? { most: 0, count: 0 }];
  if (!bucket || bucket.most === Infinity) return below.most;
  const share = (rank - below.count) / (bucket.count - below.count);
  return below.most + (bucket.most - below.most) * share;
}
