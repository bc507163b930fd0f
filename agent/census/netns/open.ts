import { statSync } from 'node:fs';
import { closeNetns, type Netns, openNetns } from '../../../cni/kernel/netns.ts';

/** Opens a netns that is neither ours nor the host's; undefined if it is, or is none, or is gone. */
export function openForeign(path: string, procDir: string): Netns | undefined {
  try {
    const netns = openNetns(path);
    if (netns.inode !== hostInode(procDir)) return netns;
    closeNetns(netns);
    return undefined;
  } catch {
    return undefined; // Pods come and go; who finds no other netns for this one says so.
  }
}

/** Undefined where we may not see it. The runtime and the plugin name no such path; who goes by processes looks closer. */
function hostInode(procDir: string): number | undefined {
  try {
    return statSync(`${procDir}/1/ns/net`).ino;
  } catch {
    return undefined;
  }
}
