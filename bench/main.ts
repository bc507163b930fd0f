/** `npm run bench [-- <rounds>]`: measures, prints, writes `bench/results.md`; exit code 1 if a target is missed. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createCleanup } from '../test/support/cleanup.ts';
import { measure } from './bench.ts';
import { measureCensus } from './census/measure.ts';
import { isReached, renderCensus } from './census/report.ts';
import { circumstances } from './circumstances.ts';
import { targets } from './measurement.ts';
import { measureMemory } from './memory/measure.ts';
import { isSmall, renderMemory } from './memory/report.ts';
import { removePods } from './pods.ts';
import { goFirst } from './priority.ts';
import { renderReport } from './report.ts';

const rounds = Number(process.argv[2] ?? 40);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('expected a number of rounds');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not once: a second Ctrl-C must not end the cleaning up.
  process.on(signal, () => {
    stop.abort(new Error(`stopped by ${signal}`));
  });
}

const cleanup = createCleanup();
try {
  const isFirst = goFirst();
  await removePods();
  cleanup.add(removePods);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  cleanup.add(() => {
    rmSync(folder, { recursive: true });
  });
  const paths = {
    programs: folder,
    agentSocket: join(folder, 'agent.sock'),
    stateDir: join(folder, 'state'),
  };
  cleanup.add(await startAgent(paths.agentSocket));
  const measurements = await measure({ rounds, folder, paths, step });
  const census = await measureCensus(folder, step);
  const adds = renderReport(measurements, circumstances({ rounds, isFirst }));
  const memory = await measureMemory(folder, step);
  const report = [adds, renderMemory(memory), renderCensus(census)].join('\n');
  writeFileSync(join(import.meta.dirname, 'results.md'), report);
  process.stdout.write(`\n${report}`);
  const isMissed = targets(measurements).some(({ reached }) => !reached);
  if (isMissed || !isSmall(memory) || !census.every(isReached)) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(
    `cannot measure: ${error instanceof Error ? error.message : String(error)}\n`,
  );
} finally {
  await cleanup.run();
}

/** @returns what stops it */
async function startAgent(socket: string): Promise<() => Promise<void>> {
  const agent = execa(process.execPath, [join(import.meta.dirname, 'agent.ts'), socket], {
    reject: false,
  });
  await once(agent.stdout, 'data');
  return async () => {
    agent.kill();
    await agent;
  };
}

function step(text: string): void {
  stop.signal.throwIfAborted();
  process.stdout.write(`${text}\n`);
}
