import assert from 'node:assert/strict';
import { postEvent } from '../../cni/facts/agent.ts';
import { readHistory } from '../../agent/history.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { attachmentRecord } from '../support/records.ts';
import { type RunningAgent, startAgent } from './running.ts';
import { until } from './until.ts';

describe('a running agent', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let agent: RunningAgent;

  before(async () => {
    directory = temporaryDirectory();
    // Nobody answers there: what the plugin tells is kept without an API server.
    const access = { kubeconfig: `${directory.path}/none` };
    agent = startAgent({ access, directory: directory.path });
    await until(agent.isListening);
  });
  after(() => {
    directory.dispose();
  });

  it('keeps what the plugin told it, also when it is stopped at once', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const failed = { outcome: 'failed', error: { code: 11, msg: 'no', details: '' } } as const;
    for (const containerId of ids) {
      const added = attachmentRecord({ containerId, ...failed });
      await postEvent(`${directory.path}/agent.sock`, added, 10_000);
    }
    await until(() => agent.lines().filter(({ msg }) => msg === 'failed').length === ids.length);
    await agent.stop();
    const kept = await readHistory(`${directory.path}/state`);
    assert.deepEqual(kept.map(({ containerId }) => containerId).sort(), ids.sort());
    assert.equal(kept[0]?.outcome, 'failed');
  });
});
