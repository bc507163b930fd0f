// Builds what takes too long for whoever only wants to run the tests; what was built before stays.
import { say } from './goprogram.ts';
import { provideCrictl } from './crictl.ts';
import { buildRuntime, provideDebian } from './runtimes.ts';

await provideDebian();
for (const provided of [await provideCrictl(), await buildRuntime()]) {
  if ('missing' in provided) {
    say(provided.missing);
    process.exitCode = 1;
  }
}
