import { setTimeout as sleep } from 'node:timers/promises';
import { type InstallConfig } from '../../install/config.ts';
import { type Files } from '../../install/files.ts';
import { createInstallation } from '../../install/install.ts';

/** What an agent does that starts, finds all well and is stopped. Any executable is good enough for it. */
export async function keepUntilComplete(
  config: InstallConfig,
  holder: string,
  files?: Files,
): Promise<void> {
  const stop = new AbortController();
  const installation = createInstallation(config, {
    holder,
    trial: async () => undefined,
    lookMs: 5,
    settleMs: 1,
    ...(files && { files }),
  });
  const kept = installation.keep(stop.signal);
  while (!installation.isComplete()) await sleep(2);
  stop.abort();
  await kept;
}
