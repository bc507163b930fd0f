/** Repairs the pod that it is sent, of the node whose directories are its arguments, and says `found` before it does. */
import { createLocate } from '../../../agent/census/netns/locate.ts';
import { type Pod } from '../../../agent/pod.ts';
import { redirectInPlace } from '../../../agent/repair/inplace.ts';
import { listRecords } from '../../../cni/record.ts';
import { expectedOf } from '../../../agent/census/expected.ts';

const [stateDir = '', resultsDir = ''] = process.argv.slice(2);

process.once('message', (text: string) => void mend(JSON.parse(text) as Pod));

async function mend(pod: Pod): Promise<void> {
  const records = (): ReturnType<typeof listRecords> => listRecords(stateDir);
  const found = await createLocate({ records, resultsDir, procDir: '/proc' })(pod);
  const expected = await expectedOf(pod, found?.record);
  if (!found || expected.action !== 'redirect') throw new Error('it is not to be redirected');
  process.send?.('found');
  const places = { backend: 'iptables-nft', doubled: undefined, toolsDir: undefined } as const;
  await redirectInPlace(found.netns, expected.rules, places);
}
