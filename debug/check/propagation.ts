import { readFile, readlink } from 'node:fs/promises';
import { variable } from '../place.ts';
import { fine, type Look } from './outcome.ts';

/** Whether netns that the runtime makes from now on will be seen from here: in a container, only where mounts propagate. */
export const lookAtPropagation: Look = async ({ env }) => {
  const own = await readlink('/proc/self/ns/mnt');
  // Not everybody may see whose the first process is.
  const first = `${variable(env, 'SLUICE_PROC_DIR')}/1/ns/mnt`;
  const host = await readlink(first).catch(() => undefined);
  if (own === host) return fine("this is the node's own mount namespace");
  const mount = mountOf('/run/netns', await readFile('/proc/self/mountinfo', 'utf8'));
  if (mount?.propagates === true) return fine(`mounts below ${mount.path} come in from the node`);
  const next = 'mount /run/netns with mountPropagation: HostToContainer, as DaemonSet.yaml does';
  const says = `mounts below ${mount?.path ?? '/'} do not come in: netns made from now on are not seen here`;
  return { verdict: 'warning', says, next };
};

/**
 * The mount that a path is in, by `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
 *
 * @see https://www.kernel.org/doc/Documentation/filesystems/proc.txt
 */
export function mountOf(
  path: string,
  mountinfo: string,
): { readonly path: string; readonly propagates: boolean } | undefined {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const words = line.split(' ');
    const [point] = words.slice(4);
    const covers = point === '/' || path === point || path.startsWith(`${point ?? ' '}/`);
    if (point === undefined || !covers) return [];
    const fields = words.slice(6, words.indexOf('-'));
    return [{ path: point, propagates: fields.some((field) => /^(shared|master):/.test(field)) }];
  });
  // Of several on one point, the last one lies on top.
  return mounts.sort((one, other) => one.path.length - other.path.length).at(-1);
}
