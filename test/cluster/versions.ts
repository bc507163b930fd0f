import { join } from 'node:path';
import { execa } from 'execa';
import { provideDebian } from '../bed/runtimes.ts';
import { clusterPrograms, findBinaries } from '../support/apiserverbuild.ts';
import { executable } from '../support/plugin.ts';
import { type Plane } from './plane.ts';

/** Of what has run, by its own words. */
export async function versions(
  kubectl: Plane['kubectl'],
): Promise<Readonly<Record<string, string>>> {
  const path =
    '{range .items[*]}{.metadata.name}{"="}{.status.nodeInfo.kubeletVersion}{", "}{.status.nodeInfo.containerRuntimeVersion}{"\\n"}{end}';
  const nodes = await kubectl(['get', 'nodes', `--output=jsonpath=${path}`]);
  const lines = nodes.split('\n').filter(Boolean);
  const kubernetes = await findBinaries(clusterPrograms);
  const etcd = 'directory' in kubernetes ? join(kubernetes.directory, 'etcd') : 'etcd';
  return {
    Sluice: `${await firstLine(executable, '--version')}, commit ${await commit()}`,
    ...Object.fromEntries(lines.map((line) => line.split('=') as [string, string])),
    etcd: await firstLine(etcd, '--version'),
    runc: await firstLine(join(await provideDebian(), 'usr/sbin/runc'), '--version'),
    sidecar: await firstLine('haproxy', '-v'),
  };
}

async function firstLine(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(file, args, { preferLocal: false });
  return stdout.split('\n')[0] ?? '';
}

/** `-dirty` where more has run than is committed; the report itself is of no matter. */
async function commit(): Promise<string> {
  const git = execa({ cwd: import.meta.dirname, reject: false });
  const { stdout: name, failed } = await git`git rev-parse --short HEAD`;
  if (failed) return 'unknown';
  const { stdout: changes } = await git`git status --porcelain -- ../.. :!report.md`;
  return changes === '' ? name : `${name}-dirty`;
}
