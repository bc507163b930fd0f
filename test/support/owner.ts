/**
 * Lets this process go on as another user. It starts as root because that user may not be allowed
 * to read the folder that the program lies in.
 */
export function become(uid: number, gid = uid): void {
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
