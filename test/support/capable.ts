import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createFiles } from '../../install/files.ts';
import { tryBackend } from '../../agent/trial.ts';
import { canSendAs, loadSockets } from '../../debug/verify/sockets.ts';

// What of the agent's work, and of the commands in its container, fails with the capabilities of this process, a word
// each. The file to write is somebody else's, and so is its directory.
const [path = ''] = process.argv.slice(2);
const failed: string[] = [];
for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
  const { failure } = await tryBackend(backend, 'redirect', { toolsDir: undefined });
  if (failure !== undefined) failed.push(backend);
}
try {
  await createFiles().replace(path, { content: { text: '{}' }, mode: 0o644 });
} catch {
  failed.push('conflist');
}
try {
  // Of a process with other capabilities, as pods' are.
  closeSync(openSync(`/proc/${process.ppid}/ns/net`, 'r'));
} catch {
  failed.push('netns of a process');
}
const sockets = loadSockets([tmpdir()]);
for (const [what, sender] of Object.entries({
  user: { uid: 1, gid: 0 },
  group: { uid: 0, gid: 1 },
})) {
  if (!canSendAs(sockets, sender)) failed.push(`packet of a ${what}`);
}
process.stdout.write(JSON.stringify(failed));
