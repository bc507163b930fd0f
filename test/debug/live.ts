import { statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFacts } from '../../agent/disk.ts';
import { cutPod } from '../../agent/pod.ts';
import { writeRecord } from '../../cni/record.ts';
import { type Cleanup } from '../support/cleanup.ts';
import { type Netns } from '../support/netns.ts';
import { rulesetsFor } from '../support/plans.ts';
import { type PodChanges, v1Pod } from '../support/pod.ts';
import { addOf } from './node.ts';

/** A state directory that holds the record of an ADD on this netns. */
export async function stateOf(netns: Netns, pod: PodChanges, cleanup: Cleanup): Promise<string> {
  const path = await directory(cleanup);
  const { ino: inode } = statSync(netns.path);
  const added = await addOf(pod, { netns: { path: netns.path, inode }, backend: 'iptables-nft' });
  // As `redirect` of the tests makes them: each version signs its own.
  writeRecord(path, added.rules ? { ...added, rules: await rulesetsFor(pod) } : added);
  return path;
}

/** One that holds only what the agent was told of the pod, and where a runtime keeps that the netns is the pod's. */
export async function factsOf(
  netns: Netns,
  pod: PodChanges,
  cleanup: Cleanup,
): Promise<{ readonly stateDir: string; readonly resultsDir: string }> {
  const [stateDir, resultsDir] = [await directory(cleanup), await directory(cleanup)];
  const fact = { pod: cutPod(v1Pod(pod)), observedAt: '2026-01-02T03:04:05Z' };
  const { uid } = fact.pod.metadata;
  await writeFacts(`${stateDir}/pods`, new Map([[uid, fact]]));
  const result = { kind: 'cniCacheV1', cniArgs: [['K8S_POD_UID', uid]], netns: netns.path };
  await writeFile(`${resultsDir}/k8s-c0ffee-eth0`, JSON.stringify(result));
  return { stateDir, resultsDir };
}

async function directory(cleanup: Cleanup): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-state-'));
  cleanup.add(() => rm(path, { recursive: true }));
  return path;
}
