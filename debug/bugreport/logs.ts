import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '../../cni/kernel/exec.ts';
import { filesIn, fileSource, MAX_BYTES, type Source } from './source.ts';

const JOURNALCTL = ['/usr/bin/journalctl', '/bin/journalctl'];
const UNITS = ['containerd', 'crio', 'kubelet', 'docker'];

/** Where the plugin's lines are: in the runtime's journal. And the agent's, in the files that kubelet keeps of it. */
export async function logSources(since: Date, podLogs = '/var/log/pods'): Promise<Source[]> {
  const journalctl = JOURNALCTL.find((path) => existsSync(path));
  return [
    ...(journalctl === undefined ? [] : [journal(journalctl, since)]),
    ...(await agentLogs(podLogs, since)),
  ];
}

function journal(file: string, since: Date): Source {
  const from = `@${Math.floor(since.getTime() / 1_000)}`;
  const args = ['--no-pager', '--output', 'short-iso-precise', '--since', from, '--grep', 'sluice'];
  const units = UNITS.flatMap((unit) => ['--unit', unit]);
  return {
    name: 'logs/journal.txt',
    what: `run ${file} ${[...args, ...units].join(' ')}`,
    collect: async () => {
      const command = { file, args: [...args, ...units], env: { LC_ALL: 'C' }, fds: [] };
      const { stdout } = await exec(command, { input: '', timeoutMs: 8_000 });
      return stdout.slice(-MAX_BYTES);
    },
  };
}

/** `/var/log/pods/<namespace>_sluice-agent-x_<uid>/<container>/0.log` */
async function agentLogs(podLogs: string, since: Date): Promise<Source[]> {
  const pods = (await readdir(podLogs).catch(() => [])).filter((name) =>
    name.includes('_sluice-agent-'),
  );
  const found: Source[] = [];
  for (const pod of pods) {
    for (const container of await readdir(join(podLogs, pod)).catch(() => [])) {
      const files = await filesIn(join(podLogs, pod, container), {
        matches: /\.log$/,
        most: 3,
        since: since.getTime(),
      });
      found.push(
        ...files.map(({ name, path }) => fileSource(`logs/${pod}/${container}/${name}`, path)),
      );
    }
  }
  return found;
}
