/** `node bench/census/main.ts`: the part of `npm run bench` that measures the census, alone; prints, and writes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPeer, removePods } from '../pods.ts';
import { measureCensus } from './measure.ts';
import { isReached, renderCensus } from './report.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stop.abort(new Error(`stopped by ${signal}`));
  });
}
const step = (text: string): void => {
  stop.signal.throwIfAborted();
  process.stdout.write(`${text}\n`);
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  await createPeer();
  const costs = await measureCensus(folder, step);
  process.stdout.write(`\n${renderCensus(costs)}`);
  if (!costs.every(isReached)) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(
    `cannot measure: ${error instanceof Error ? error.message : String(error)}\n`,
  );
} finally {
  await removePods();
  rmSync(folder, { recursive: true });
}
