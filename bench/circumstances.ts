import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { type Circumstances } from './report.ts';

type Measured = Pick<Circumstances, 'rounds' | 'isFirst'>;

/** Where and of what this run measures. */
export function circumstances({ rounds, isFirst }: Measured): Circumstances {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown processor',
    cores: all.length,
    kernel: release(),
    iptables: execaSync('/usr/sbin/iptables-nft', ['--version']).stdout,
    versions: `sluice-cni ${ownVersion()}, Node.js ${process.versions.node}`,
    rounds,
    isFirst,
  };
}

function ownVersion(): string {
  const file = join(import.meta.dirname, '../package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
