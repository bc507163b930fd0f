/** `node bench/memory/main.ts`: the part of `npm run bench` that measures the agent, alone; prints, and writes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemory } from './measure.ts';
import { isSmall, renderMemory } from './report.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stop.abort(new Error(`stopped by ${signal}`));
  });
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const memory = await measureMemory(folder, (text) => {
    stop.signal.throwIfAborted();
    process.stdout.write(`${text}\n`);
  });
  process.stdout.write(`\n${renderMemory(memory)}`);
  if (!isSmall(memory)) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(
    `cannot measure: ${error instanceof Error ? error.message : String(error)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
