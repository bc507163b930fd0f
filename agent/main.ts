import { pino } from 'pino';
import { isResolving } from '../cni/resolving.ts';
import { runAgent } from './agent.ts';
import { chooseBackend } from './backend.ts';
import { ConfigError, readConfig } from './config.ts';
import { keepHeapSmall, shrinkHeapAfter } from './heap.ts';
import { installationOf } from './installation.ts';
import { tryBackend } from './trial.ts';

async function main(): Promise<void> {
  keepHeapSmall();
  // Written behind, and thrown away if nobody reads: an ADD must not wait for whoever collects logs.
  const destination = pino.destination({ dest: 1, sync: false, maxLength: 8 * 1024 * 1024 });
  const log = pino({ name: 'sluice-agent' }, destination);

  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      stop.abort();
    });
  }

  try {
    const config = readConfig(process.env);
    log.level = config.logLevel;
    shrinkHeapAfter(10_000);
    const { stateDir, backend: wanted, toolsDir } = config;
    await runAgent(
      {
        config,
        log,
        install: (metrics) => installationOf(config, { metrics, log }),
        chooseBackend: (signal) =>
          chooseBackend({
            stateDir,
            wanted,
            tryBackend: (backend, trial) => tryBackend(backend, trial, { toolsDir, signal }),
            signal,
          }),
      },
      stop.signal,
    );
  } catch (error) {
    log.fatal({ err: error }, 'the agent ends');
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
  destination.flushSync();
  // What was given up must not hold up the end.
  if (isResolving()) process.kill(process.pid, 'SIGKILL');
}

// Not awaited at the top level: what is packaged is a CommonJS script.
void main();
