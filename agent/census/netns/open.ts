import { statSync } from 'node:fs';
import { closeNetns, type Netns, openAnyNetns, openNetns } from '../../../cni/kernel/netns.ts';

/**
 * Opens a netns that is not the host's; undefined if it is, or is none, or is gone. Ours may be that of a pod, our own:
 * but where the host's cannot be seen, ours may be just that.
 */
export function openForeign(path: string, procDir: string): Netns | undefined {
  try {
    const hosts = hostInode(procDir);
    const netns = hosts === undefined ? openNetns(path) : openAnyNetns(path);
    if (netns.inode !== hosts) return netns;
    closeNetns(netns);
    return undefined;
  } catch {
    return undefined; // Pods come and go; who finds no netns for this one says so.
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
