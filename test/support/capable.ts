import { closeSync, openSync } from 'node:fs';
import { createFiles } from '../../install/files.ts';
import { tryBackend } from '../../agent/trial.ts';

// What of the agent's work fails with the capabilities of this process, a word each. The file to write is somebody
// else's, and so is its directory.
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
process.stdout.write(JSON.stringify(failed));
