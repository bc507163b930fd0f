import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type PodState } from '../../../agent/census/finding.ts';
import { openEyes } from '../../../agent/census/look/look.ts';
import { createLocate, type Places } from '../../../agent/census/netns/locate.ts';
import { podState } from '../../../agent/census/state.ts';
import { cutPod, type Pod } from '../../../agent/pod.ts';
import { type AttachmentRecord } from '../../../cni/attachment.ts';
import { openSession } from '../../../cni/kernel/session.ts';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { type Netns } from '../../support/netns.ts';
import { type PodChanges, v1Pod } from '../../support/pod.ts';
import { attachmentRecord } from '../../support/records.ts';
import { expectation } from './expectation.ts';

/** A pod as the API server tells it once it runs. */
export function runningPod(changes: PodChanges = {}, spec: object = {}): Pod {
  const pod = v1Pod(changes);
  return cutPod({ ...pod, spec: { ...pod.spec, ...spec }, status: { phase: 'Running' } });
}

/** Does to a netns what the pod's ADD would. */
export async function redirect(
  { path }: Pick<Netns, 'path'>,
  changes: PodChanges = {},
  backend: Backend = 'iptables-nft',
): Promise<void> {
  const deadlineAt = performance.now() + 20_000;
  const session = await openSession(path, { backend, toolsDir: undefined, deadlineAt });
  try {
    await session.apply((await expectation(changes)).rules);
  } finally {
    session.close();
  }
}

/** What the ADD of that pod would have recorded. */
export async function recordOf(
  { path }: Pick<Netns, 'path'>,
  changes: PodChanges = {},
): Promise<AttachmentRecord> {
  const { decision, rules } = await expectation(changes);
  const { namespace, name, uid } = v1Pod(changes).metadata;
  return attachmentRecord({
    outcome: 'redirected',
    netns: { path, inode: statSync(path).ino },
    pod: { namespace, name, uid },
    decision,
    rules,
    families: ['ipv4', 'ipv6'],
    backend: 'iptables-nft',
  });
}

const eyes = openEyes([tmpdir(), '/run', '/dev/shm'], { toolsDir: undefined });

/** Looks at a pod as a census does; by default nothing but the records tells where it is. */
export function lookAt(
  pod: Pod,
  places: Partial<Omit<Places, 'records'>> & {
    readonly records?: readonly AttachmentRecord[];
  } = {},
  backend: Backend = 'iptables-nft',
): Promise<PodState> {
  const { records = [], ...rest } = places;
  const nowhere = { resultsDir: '/nonexistent', procDir: '/nonexistent' };
  const locate = createLocate({ ...nowhere, ...rest, records: () => records });
  return podState(pod, { locate, eyes, backend });
}

export function kindsOf({ findings }: PodState): string[] {
  return findings.map(({ kind }) => kind);
}
