/**
 * Lets this process go on as another user. It starts as root because that user may not be allowed
 * to read the folder that the program lies in.
 */
export function become(uid: number): void {
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
