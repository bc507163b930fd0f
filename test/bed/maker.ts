// Makes a machine in the directory that is its argument, says which cgroup it is in, and dies.
import { readFileSync, writeSync } from 'node:fs';
import { startHost } from './host.ts';

const [, , directory = ''] = process.argv;
const host = await startHost({ name: 'orphan', directory });
host.daemon('sleeper', 'sleep', ['1000']);
const [, group] = /:\/(.+)/.exec(readFileSync(`/proc/${host.pid}/cgroup`, 'utf8')) ?? [];
writeSync(1, group ?? '');
process.kill(process.pid, 'SIGKILL');
