import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type InstallConfig, kubeconfigPath } from '../../install/config.ts';
import { chain } from '../../install/conflist.ts';
import { createInstallation, type Installation } from '../../install/install.ts';
import { wantedEntry } from '../../install/observe.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';

interface Agent extends Installation {
  readonly steps: readonly string[];
  readonly stop: () => Promise<void>;
}

describe('two agents on one node', function () {
  this.timeout(60_000);
  const primary = '10-calico.conflist';
  const agents: Agent[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.stop();
  });
  const node = ground();
  beforeEach(() => {
    node.write(primary, fixture('calico.conflist'));
  });

  function start(holder: string, config: InstallConfig): Agent {
    const steps: string[] = [];
    const stop = new AbortController();
    const installation = createInstallation(config, {
      holder,
      trial: async () => undefined,
      onStep: ({ cause }) => steps.push(cause),
      lookMs: 20,
      settleMs: 5,
    });
    const kept = installation.keep(stop.signal);
    const agent: Agent = {
      ...installation,
      steps,
      async stop() {
        stop.abort();
        await kept;
      },
    };
    agents.push(agent);
    return agent;
  }

  it('want different entries: the one that started last has its way, and both stay ready', async () => {
    const older = start('older', node.config());
    while (!older.isComplete()) await sleep(5);
    const config = { ...node.config(), keys: { logLevel: 'debug' } };
    const newer = start('newer', config);
    const hasYielded = (): boolean =>
      older.state().reason === 'another agent, "newer", keeps the installation';
    // Until then it may be in the middle of a look that it began as the keeper.
    while (!hasYielded()) await sleep(5);
    const counts = older.steps.length;
    const wanted = chain(fixture('calico.conflist'), wantedEntry(config));
    while (!newer.isComplete() || node.read(primary) !== wanted) await sleep(5);
    await sleep(200);
    assert.equal(node.read(primary), wanted);
    assert.equal(older.steps.length, counts);
    assert.ok(older.isComplete());
    assert.ok(hasYielded());
    await older.stop();
    assert.equal(node.read(primary), wanted);
  });

  it('start at the same moment, and end with one installation', async () => {
    const both = ['one', 'two'].map((holder) => start(holder, node.config()));
    while (!both.every((agent) => agent.isComplete())) await sleep(5);
    for (const agent of both) await agent.stop();
    assert.equal(node.read(primary), chain(fixture('calico.conflist'), wantedEntry(node.config())));
    assert.equal(node.all()['bin/sluice-cni'], '755 version 2');
  });

  it('leave everything in place when they are stopped', async () => {
    const agent = start('one', node.config());
    while (!agent.isComplete()) await sleep(5);
    const all = node.all();
    await agent.stop();
    assert.deepEqual(node.all(), all);
  });

  it('a rotated token is written without a moment of being incomplete', async () => {
    const files = ['ca.crt', 'token'].map((name) => `${node.config().netDir}/../${name}`);
    const [caFile = '', tokenFile = ''] = files;
    for (const file of files) writeFileSync(file, 'first');
    const credential = { server: 'https://[fd00::1]:443', caFile, tokenFile };
    const agent = start('one', { ...node.config(), credential });
    while (!agent.isComplete()) await sleep(5);
    chmodSync(kubeconfigPath(node.config()), 0o644);
    const isWritten = (): boolean =>
      readFileSync(kubeconfigPath(node.config()), 'utf8').includes('"second"');
    writeFileSync(`${tokenFile}.new`, 'second\n');
    renameSync(`${tokenFile}.new`, tokenFile); // as kubelet does: nobody reads half of it
    while (!isWritten()) {
      assert.ok(agent.isComplete());
      await sleep(1);
    }
    assert.ok(agent.isComplete());
    await agent.stop();
    assert.match(node.all()['state/kubeconfig'] ?? '', /^600 /);
  });
});
