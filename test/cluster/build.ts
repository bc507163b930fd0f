// Builds what takes too long for whoever only wants to run other tests; what was built before stays.
import { provideCrictl } from '../bed/crictl.ts';
import { buildRuntime, provideDebian } from '../bed/runtimes.ts';
import { buildBinaries, clusterPrograms, say } from '../support/apiserverbuild.ts';

await provideDebian();
for (const provided of [
  await buildBinaries(clusterPrograms),
  await provideCrictl(),
  await buildRuntime(),
]) {
  say('missing' in provided ? provided.missing : `found in ${provided.directory}`);
}
