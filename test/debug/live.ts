import { mkdtemp, rm } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRecord } from '../../cni/record.ts';
import { type Cleanup } from '../support/cleanup.ts';
import { type Netns } from '../support/netns.ts';
import { rulesetsFor } from '../support/plans.ts';
import { type PodChanges } from '../support/pod.ts';
import { addOf } from './node.ts';

/** A state directory that holds the record of an ADD on this netns. */
export async function stateOf(netns: Netns, pod: PodChanges, cleanup: Cleanup): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-state-'));
  cleanup.add(() => rm(path, { recursive: true }));
  const { ino: inode } = statSync(netns.path);
  const added = await addOf(pod, { netns: { path: netns.path, inode }, backend: 'iptables-nft' });
  // As `redirect` of the tests makes them: each version signs its own.
  writeRecord(path, added.rules ? { ...added, rules: await rulesetsFor(pod) } : added);
  return path;
}
