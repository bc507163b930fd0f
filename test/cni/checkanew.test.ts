import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type Invocation } from '../../cni/spec/request.ts';
import { invocation } from '../support/call.ts';
import { withNetns } from '../support/holdings.ts';
import { type Netns } from '../support/netns.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';
import { hasRoot, inNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';

const podAnnotations = { 'kubernetes.io/config.source': 'api' };

describe('CHECK without the record of an ADD', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const check = (path: string, config = {}): Invocation =>
    here.add(path, { command: 'CHECK', config });
  const forgotten = async (work: (netns: Netns) => Promise<void>): Promise<void> => {
    await withNetns(async (netns) => {
      assert.equal((await runPlugin(here.add(netns.path))).exitCode, 0);
      rmSync(here.stateDir(), { recursive: true });
      await work(netns);
    });
  };

  it('decides anew, and passes', () =>
    forgotten(async ({ path }) => {
      const { exitCode, stdout } = await runPlugin(check(path));
      assert.deepEqual([exitCode, stdout], [0, '']);
    }));

  it('decides anew, and names what differs', () =>
    forgotten(async (netns) => {
      await inNetns(netns, ['iptables-nft', '-t', 'nat', '-D', 'ISTIO_OUTPUT', '1']);
      assert.equal(errorResult(await runPlugin(check(netns.path))).code, 104);
    }));

  it('of a pod that was never added fails', () =>
    withNetns(async ({ path }) => {
      assert.equal(errorResult(await runPlugin(check(path))).code, 104);
    }));

  it('says to try again where the facts cannot be had', () =>
    forgotten(async ({ path }) => {
      const config = { agentSocket: '/nonexistent/agent.sock', deadlineMs: 100 };
      assert.equal(errorResult(await runPlugin(check(path, config))).code, 11);
    }));

  it('says to try again where the rules cannot be read', () =>
    forgotten(async ({ path }) => {
      const toolsDir = here.tools({ 'iptables-nft-save': 'echo "busy" >&2; exit 4' });
      const { code, details } = errorResult(await runPlugin(check(path, { toolsDir })));
      assert.equal(code, 11);
      assert.match(details, /busy/);
    }));
});

describe('CHECK of a pod that is not redirected', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const meshed = site();
  const gateway = site({ proxy: { args: ['proxy', 'router'] } });
  const unmeshed = (path: string): Invocation => {
    const config = { stateDir: meshed.stateDir() };
    return invocation({ command: 'CHECK', podAnnotations, env: { CNI_NETNS: path }, config });
  };

  it('passes for a pod that is not injected', () =>
    withNetns(async ({ path }) => {
      const { exitCode, stdout } = await runPlugin(unmeshed(path));
      assert.deepEqual([exitCode, stdout], [0, '']);
    }));

  it('passes for a pod that was skipped, by its record and without the agent', () =>
    withNetns(async ({ path }) => {
      await runPlugin(gateway.add(path));
      assert.equal(gateway.record()?.outcome, 'skipped');
      const config = { agentSocket: '/nonexistent/agent.sock' };
      const { exitCode } = await runPlugin(gateway.add(path, { command: 'CHECK', config }));
      assert.equal(exitCode, 0);
    }));

  it('fails where rules of ours are there', () =>
    withNetns(async ({ path }) => {
      await runPlugin(meshed.add(path, { containerId: 'another' }));
      for (const request of [unmeshed(path), gateway.add(path, { command: 'CHECK' })]) {
        const { code, msg } = errorResult(await runPlugin(request));
        assert.equal(code, 104);
        assert.match(msg, /is not to be redirected, but rules of sluice are there/);
      }
    }));
});
