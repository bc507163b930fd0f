import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { cutPod, type Pod } from '../../agent/pod.ts';
import { openSession } from '../../cni/kernel/session.ts';
import { writeRecord } from '../../cni/record.ts';
import { decide } from '../../cni/redirect/decide.ts';
import { parsePod } from '../../cni/redirect/pod.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { VERSION } from '../../cni/version.ts';
import { type Netns } from '../../test/support/netns.ts';
import { type V1Pod, v1Pod } from '../../test/support/pod.ts';
import { attachmentRecord } from '../../test/support/records.ts';

/** A pod of the benchmark, redirected as its ADD would have done it. */
export interface CensusPod {
  readonly pod: Pod;
  readonly netns: Netns;
}

/** So many kinds of pods there are: each has other rules than the others. */
const KINDS = 10;

export async function redirectedPod(
  netns: Netns,
  number: number,
  stateDir: string,
): Promise<CensusPod> {
  const excluded = String(5_000 + (number % KINDS));
  const pod = v1Pod({
    name: `web-${number}`,
    uid: randomUUID(),
    annotations: { 'traffic.sidecar.istio.io/excludeOutboundPorts': excluded },
  });
  await redirect(pod, netns, stateDir);
  return { pod: cutPod({ ...pod, status: { phase: 'Running' } }), netns };
}

async function redirect(pod: V1Pod, { path }: Netns, stateDir: string): Promise<void> {
  const decision = await decide(parsePod(pod));
  if (decision.action === 'skip') throw new Error(`the pod is skipped: ${decision.reason}`);
  const rules = rulesets(decision.plan, VERSION);
  const deadlineAt = performance.now() + 60_000;
  const session = await openSession(path, {
    backend: 'iptables-nft',
    toolsDir: undefined,
    deadlineAt,
  });
  try {
    await session.apply(rules);
  } finally {
    session.close();
  }
  const { namespace, name, uid } = pod.metadata;
  writeRecord(
    stateDir,
    attachmentRecord({
      containerId: uid ?? '',
      netns: { path, inode: statSync(path).ino },
      pod: { namespace, name, uid },
      decision,
      rules,
      backend: 'iptables-nft',
    }),
  );
}
