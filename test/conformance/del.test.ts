import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type Invocation } from '../../cni/spec/request.ts';
import { logged, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { withNetns } from '../support/holdings.ts';
import { site } from '../support/site.ts';

describe('DEL', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const del = (changes: Parameters<typeof here.add>[1] = {}): Invocation =>
    here.add('/nonexistent/netns', { command: 'DEL', ...changes });
  beforeEach(() =>
    withNetns(async ({ path }) => {
      assert.equal((await runPlugin(here.add(path))).exitCode, 0);
    }),
  );

  const partial: Record<string, Parameters<typeof here.add>[1]> = {
    'whose netns is gone': {},
    'without a netns': { env: { CNI_NETNS: '' } },
    'without prevResult': { config: { prevResult: undefined } },
    'with a broken prevResult': { config: { prevResult: 'none' } },
    'of a version to come': { config: { cniVersion: '9.0.0' } },
    'without a name': { config: { name: undefined } },
    'with wrong keys of ours': { config: { deadlineMs: 'soon', backend: 7, apiFallback: [] } },
    'with unknown keys': { config: { ofAnOlderVersion: true } },
    'with broken arguments': { env: { CNI_ARGS: 'K8S_POD_NAME' } },
    'without an agent': { config: { agentSocket: '/nonexistent/agent.sock' } },
    'without tools': { config: { toolsDir: '/nonexistent' } },
  };
  for (const [name, changes] of Object.entries(partial)) {
    it(`${name} removes the record`, async () => {
      assert.equal(here.record()?.outcome, 'redirected');
      const { exitCode, stdout } = await runPlugin(del(changes));
      assert.deepEqual([exitCode, stdout], [0, '']);
      assert.equal(here.record(), undefined);
    });
  }

  it('comes twice', async () => {
    await runPlugin(del());
    const { exitCode, stdout } = await runPlugin(del());
    assert.deepEqual([exitCode, stdout], [0, '']);
  });

  it('leaves the records of others alone', async () => {
    await runPlugin(del({ containerId: 'another' }));
    await runPlugin(del({ env: { CNI_IFNAME: 'eth1' } }));
    assert.equal(here.record()?.outcome, 'redirected');
  });

  for (const [name, stdin] of Object.entries({
    empty: '',
    garbage: '{"stateDir"',
    'an array': '[]',
  })) {
    it(`with ${name} on stdin succeeds, and says where it looked`, async () => {
      // It looks at the machine's own records.
      const { env } = del({ containerId: 'sluice-test-of-nobody' });
      const outcome = await runPlugin({ env, stdin });
      assert.deepEqual([outcome.exitCode, outcome.stdout], [0, '']);
      assert.match(String(logged(outcome)[0]?.msg), /used stateDir "\/var\/lib\/sluice"/);
    });
  }

  it('succeeds where the record cannot be removed, and says so', async () => {
    writeFileSync(`${here.directory()}/file`, '');
    const outcome = await runPlugin(del({ config: { stateDir: `${here.directory()}/file` } }));
    assert.deepEqual([outcome.exitCode, outcome.stdout], [0, '']);
    assert.equal(logged(outcome)[0]?.msg, 'record not removed');
  });
});
