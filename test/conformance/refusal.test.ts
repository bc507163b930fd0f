import assert from 'node:assert/strict';
import { until } from '../agent/until.ts';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { errorResult, runPlugin, startPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { silentAgent } from '../support/silent.ts';
import { site } from '../support/site.ts';

const PREFIX = 'traffic.sidecar.istio.io/';
const wrong = {
  [`${PREFIX}excludeInboundPorts`]: '80,ssh',
  [`${PREFIX}includeOutboundIPRanges`]: '10.0.0.0/33',
  'sidecar.istio.io/interceptionMode': 'tproxy',
};

describe('an ADD that is refused', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const told = site();
  const misled = site({ annotations: wrong });
  const silent = silentAgent();

  it('for wrong annotations names all of them, and programs nothing', () =>
    withNetns(async (netns) => {
      const outcome = await runPlugin(misled.add(netns.path));
      const { code, msg } = errorResult(outcome);
      assert.equal(code, 100);
      for (const [name, value] of Object.entries(wrong)) {
        assert.ok(msg.includes(name), msg);
        assert.ok(msg.includes(value.split(',').at(-1) ?? value), msg);
      }
      await assertWholeOrNothing(netns, outcome, []);
    }));

  it('for wrong keys of ours names all of them, and programs nothing', () =>
    withNetns(async (netns) => {
      const config = { deadlineMs: 'soon', backend: 'ebtables', stateDir: 'relative' };
      // Its record goes to the default state directory: not to this machine's.
      const script = 'mount -t tmpfs tmpfs /var/lib && exec "$@"';
      const through = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
      const outcome = await runPlugin(here.add(netns.path, { config }), { through });
      const { code, msg } = errorResult(outcome);
      assert.equal(code, 7);
      for (const name of Object.keys(config)) assert.ok(msg.includes(name), msg);
      await assertWholeOrNothing(netns, outcome, []);
    }));

  it('for a wrong key of ours has a record, and the agent is told', () =>
    withNetns(async ({ path }) => {
      const { code, msg } = errorResult(
        await runPlugin(told.add(path, { config: { deadlineMs: 'soon' } })),
      );
      const { outcome, error, phases = {} } = told.record() ?? {};
      assert.deepEqual([outcome, error], ['failed', { code, msg, details: '' }]);
      assert.deepEqual(Object.keys(phases), ['start', 'total']);
      // The plugin does not wait for the agent to read it.
      await until(() => told.requests().length > 0);
      assert.deepEqual(told.requests(), ['POST /v1/events']);
    }));

  it('for the reserved backend says so', () =>
    withNetns(async ({ path }) => {
      const outcome = await runPlugin(here.add(path, { config: { backend: 'nft' } }));
      assert.equal(errorResult(outcome).code, 103);
    }));

  it('for want of an agent names it, and programs nothing', () =>
    withNetns(async (netns) => {
      const config = { agentSocket: '/nonexistent/agent.sock', deadlineMs: 100 };
      const outcome = await runPlugin(here.add(netns.path, { config }));
      const { code, msg } = errorResult(outcome);
      assert.equal(code, 11);
      assert.match(msg, /^cannot learn about pod default\/web-0 .*\/nonexistent\/agent\.sock/);
      await assertWholeOrNothing(netns, outcome, []);
      assert.equal(here.record()?.error?.code, 11);
    }));

  it('because the agent does not answer ends before that agent does', () =>
    withNetns(async (netns) => {
      const config = { agentSocket: silent.socket(), deadlineMs: 1_000 };
      const { ended } = startPlugin(here.add(netns.path, { config }));
      await Promise.race([silent.asked(), ended]);
      // The agent answers when the ADD has ended, that is, never in time.
      const outcome = await ended;
      const { code, msg } = errorResult(outcome);
      assert.equal(code, 11);
      assert.match(msg, /within 1000 ms/);
      await assertWholeOrNothing(netns, outcome, []);
    }));

  it('for the UID of another pod of its name programs nothing', () =>
    withNetns(async (netns) => {
      const env = { CNI_ARGS: 'K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=uid-2' };
      const outcome = await runPlugin(here.add(netns.path, { env, config: { deadlineMs: 100 } }));
      assert.equal(errorResult(outcome).code, 11);
      await assertWholeOrNothing(netns, outcome, []);
    }));
});
