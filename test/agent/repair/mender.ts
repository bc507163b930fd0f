/** Repairs the pod that it is sent as an agent does, of the node whose directories are its arguments, and says how that ended. */
import { createMend } from '../../../agent/repair/mend.ts';
import { recordRepair } from '../../../agent/repair/record.ts';
import { type Pod } from '../../../agent/pod.ts';
import { sightOf } from './ward.ts';

const [stateDir = '', resultsDir = '', toolsDir = ''] = process.argv.slice(2);

process.once('message', (text: string) => void mend(JSON.parse(text) as Pod));

async function mend(pod: Pod): Promise<void> {
  const sight = sightOf(stateDir, resultsDir);
  const treat = createMend({
    ...sight,
    backend: () => 'iptables-nft',
    toolsDir,
    connections: () => {
      throw new Error('nobody looks at them here');
    },
    cutConnections: false,
    record: (done) => {
      recordRepair(done, { stateDir, resultsDir, isThere: () => true });
    },
  });
  const { outcome } = await treat({ pod, state: await sight.look(pod) });
  process.send?.(outcome);
}
