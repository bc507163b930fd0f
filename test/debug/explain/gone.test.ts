import assert from 'node:assert/strict';
import { createHistory } from '../../../agent/history.ts';
import { command } from '../../../debug/explain/explain.ts';
import { invoke, type Told } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

describe('explain of a pod that is gone', () => {
  const node = nodeState({ records: [addOf({ name: 'here' })] });
  const explain = (pod: string): Promise<Told> =>
    invoke(command, [pod], { place: { stateDir: node.path() } });

  before(async () => {
    const onFailure = assert.ifError;
    const history = createHistory({ stateDir: node.path(), onFailure });
    history.keep(await addOf({ name: 'job-x' }));
    await history.flush();
  });

  const message =
    'cannot find pod "default/job-x" on this node any more: `history default/job-x` tells of its ADDs';
  for (const name of ['default/job-x', 'job-x']) {
    it(`says where to ask for ${name}`, async () => {
      await assert.rejects(explain(name), { exitCode: 3, message });
    });
  }

  it('still names those that are spelled most like one that was never here', async () => {
    await assert.rejects(explain('default/hero'), { message: /did you mean "default\/here"\?$/ });
  });
});
