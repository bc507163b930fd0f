import assert from 'node:assert/strict';
import { apiServer } from '../support/apiserver.ts';
import { startAgent, type TestAgent, until } from '../support/apiserveragent.ts';
import { createPods, deletePod, uidOf } from '../support/apiserverpods.ts';
import { createCleanup } from '../support/cleanup.ts';

describe('an agent that was away for too long', function () {
  this.timeout(180_000);
  const cleanup = createCleanup();
  const server = apiServer(cleanup);
  const names = Array.from({ length: 250 }, (_, i) => `many-${i}`);
  let agent: TestAgent;
  before(async () => {
    await server().kubectl(['apply', '-f', 'DaemonSet.yaml']);
    agent = await startAgent(server(), cleanup);
  });

  it('lists the pods anew when what it knows is compacted away', async () => {
    await createPods(server(), ['stays-0', 'goes-0']);
    await agent.learn('goes-0', 'agent/watch');
    await agent.relay.cut();
    await deletePod(server(), 'goes-0');
    await createPods(server(), ['comes-0']);
    await server().compact();
    // The new one remembers no change that was before it.
    await server().stop();
    await server().start();
    assert.equal((await agent.learn('goes-0', 'agent/watch')).pod.name, 'goes-0');
    await agent.relay.mend();
    await agent.learn('comes-0', 'agent/watch');
    await agent.refusal('goes-0', /does not know the pod yet/);
    assert.equal((await agent.learn('stays-0', 'agent/watch')).pod.name, 'stays-0');
    assert.ok(
      agent.log.some((line) => line.includes('too old resource version')),
      agent.log.join(''),
    );
  });

  it('knows 250 pods soon after they are created, each by its UID', async () => {
    await createPods(server(), names);
    await until(
      () => known(),
      (count) => count === names.length,
    );
    const { pod } = await agent.learn('many-249', 'agent/watch');
    assert.equal(pod.uid, await uidOf(server(), 'many-249'));
  });

  it('serves all 250 from the disk after a start without the API server', async () => {
    await until(agent.kept, (count) => count === names.length + 2); // two stayed from before
    await agent.stop();
    await agent.relay.cut();
    agent.start();
    await agent.learn('many-0', 'agent/disk');
    assert.equal(await known(), names.length);
  });

  /** How many of the 250 the agent knows by itself. */
  async function known(): Promise<number> {
    let count = 0;
    for (const name of names) {
      const facts = await agent.ask(name);
      if (typeof facts === 'string') return count;
      if (facts.source !== 'agent/apiserver') count += 1;
    }
    return count;
  }
});
