import { loadLibc } from '../../agent/census/look/libc.ts';
import { connectionsBy } from '../../agent/repair/connections/connections.ts';
import { createMend } from '../../agent/repair/mend.ts';
import { recordRepair } from '../../agent/repair/record.ts';
import { type LocalCensus } from '../census/local.ts';
import { type Io } from '../command.ts';
import { toolsOf, variable } from '../place.ts';
import { type RepairMeans } from './onepod.ts';

/** How to repair as the agent does, without one. */
export function meansOf(
  { look, backend, createLocate, directories }: LocalCensus,
  { env, place, stderr }: Io,
  { cutConnections }: { readonly cutConnections: boolean },
): RepairMeans {
  const resultsDir = variable(env, 'SLUICE_CNI_RESULTS_DIR');
  return {
    look: ({ metadata }) => look(metadata.uid),
    treat: createMend({
      locate: (pod) => createLocate()(pod),
      look: ({ metadata }) => look(metadata.uid),
      backend: () => backend,
      toolsDir: toolsOf(place),
      connections: () => connectionsBy(loadLibc(directories)),
      cutConnections,
      record: (done) => {
        try {
          recordRepair(done, { stateDir: place.stateDir, resultsDir, isThere: () => true });
        } catch (error) {
          // The pod is redirected all the same; only `explain` will know less.
          const why = error instanceof Error ? error.message : String(error);
          stderr(`the repair is not recorded: ${why}\n`);
        }
      },
    }),
  };
}
