import { existsSync, readFileSync } from 'node:fs';

/** Sources that answer from this machine and at once. systemd refuses names that are numbers without looking. */
const LOCAL = ['files', 'compat', 'altfiles', 'db', 'systemd'];

/** Whether looking up a user or group may leave this host's files; without nsswitch.conf it does not. */
export function asksNameService(
  nsswitch = '/etc/nsswitch.conf',
  nscdSocket = '/var/run/nscd/socket',
): boolean {
  if (existsSync(nscdSocket)) return true;
  try {
    return existsSync(nsswitch) && !isLocal(readFileSync(nsswitch, 'utf8'));
  } catch {
    return true; // Hiding what need not be hidden costs little.
  }
}

/** Reads e.g. `passwd: files [NOTFOUND=continue] sss`. */
export function isLocal(nsswitch: string): boolean {
  const lines = nsswitch.matchAll(/^\s*(?:passwd|group)\s*:([^#\n]*)/gm);
  return [...lines]
    .flatMap(([, sources = '']) => sources.replaceAll(/\[.*?\]/g, ' ').split(/\s+/))
    .every((source) => source === '' || LOCAL.includes(source));
}
