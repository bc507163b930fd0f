import { readConfig } from '../../../agent/config.ts';
import { type ApiAccess } from '../../../agent/kubeconfig.ts';
import { type Cleanup } from '../../support/cleanup.ts';
import { temporaryDirectory } from '../../cni/facts/serve.ts';
import { type RunningAgent, startAgent } from '../running.ts';
import { type Ward } from './ward.ts';

/** Starts an agent in this process on the ward's node. */
export function startOn(
  ward: Ward,
  access: ApiAccess,
  { env = {}, cleanup }: { env?: Readonly<Record<string, string>>; cleanup: Cleanup },
): RunningAgent {
  const directory = temporaryDirectory();
  const { repair, census } = readConfig({
    NODE_NAME: 'n1',
    SLUICE_CNI_RESULTS_DIR: ward.resultsDir,
    ...env,
  });
  const agent = startAgent({
    access,
    directory: directory.path,
    config: { repair, census, stateDir: ward.stateDir },
  });
  cleanup.add(async () => {
    await agent.stop();
    directory.dispose();
  });
  return agent;
}
