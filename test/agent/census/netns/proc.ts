import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

export const UID = '4f0c1f6e-3a0b-4d6f-9a57-2f0a1b2c3d4e';
export const OTHER = '00000000-3a0b-4d6f-9a57-2f0a1b2c3d4e';

interface Process {
  readonly uid?: string;
  /** The path of its netns; undefined: nobody may see it. */
  readonly netns?: string;
  readonly startedAt?: number;
  /** Whether it is in the netns of the first process. */
  readonly isInHosts?: boolean;
}

/** Makes a directory look like `/proc`, with a first process that is in a netns of the host. */
export function addFirstProcess(procDir: string): void {
  mkdirSync(`${procDir}/1/net`, { recursive: true });
  writeFileSync(`${procDir}/1/net/dev`, '');
}

/** Adds a process, as `/proc` shows it. */
export function addProcess(
  procDir: string,
  pid: number,
  { uid = UID, netns, startedAt = 5, isInHosts = false }: Process,
): void {
  const path = `${procDir}/${pid}`;
  for (const each of ['ns', 'net']) mkdirSync(`${path}/${each}`, { recursive: true });
  if (netns !== undefined) symlinkSync(netns, `${path}/ns/net`);
  if (isInHosts) linkSync(`${procDir}/1/net/dev`, `${path}/net/dev`);
  else writeFileSync(`${path}/net/dev`, '');
  writeFileSync(`${path}/cgroup`, `0::/kubepods/pod${uid}/c1\n`);
  const fields = Array.from({ length: 49 }, (_, i) => (i === 18 ? startedAt : 0));
  writeFileSync(`${path}/stat`, `${pid} (a ) b) S ${fields.join(' ')}\n`);
}
