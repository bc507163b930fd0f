import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type InstallConfig } from '../../install/config.ts';
import { type Mode } from '../../install/observed.ts';
import { createInstallation } from '../../install/install.ts';
import { renderWayBack, uninstall, wayBack } from '../../install/uninstall.ts';
import { fixture, fixtures } from './fixtures.ts';
import { ground } from './ground.ts';
import { keepUntilComplete } from './keep.ts';

async function install(config: InstallConfig, holder = 'agent-1'): Promise<void> {
  const installation = createInstallation(config, { holder, trial: async () => undefined });
  const { reason } = await installation.look();
  assert.equal(reason, undefined);
}

/** What a running agent leaves beside the installation. */
function leaveTraces({ stateDir, agentSocket, binDir }: InstallConfig): void {
  for (const path of [
    `${stateDir}/attachments/c1-eth0.json`,
    `${stateDir}/history/adds.jsonl`,
    `${stateDir}/pods/u1.json`,
    `${binDir}/.sluice/1/nsenter`,
  ]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{}');
  }
  writeFileSync(`${stateDir}/backend.json`, '{}');
  writeFileSync(agentSocket, '');
  writeFileSync(join(binDir, '.sluice-0123456789abcdef.tmp'), 'half an exec');
}

const modes: readonly Mode[] = ['chained', 'own', 'drop-in'];
for (const mode of modes) {
  describe(`uninstall() after mode ${mode}`, () => {
    const node = ground({ mode });
    for (const name of [...fixtures('conflist'), ...(mode === 'drop-in' ? [] : fixtures('conf'))]) {
      it(`leaves ${name} and all else as if nothing had been`, async () => {
        node.write(`10-${name}`, fixture(name), 0o640);
        const before = node.all();
        await install(node.config());
        assert.notDeepEqual(node.all(), before);
        leaveTraces(node.config());
        await uninstall(node.config(), { by: 'agent', waitMs: 1 });
        assert.deepEqual(node.all(), before);
      });
    }
  });
}

describe('uninstall()', () => {
  const node = ground();
  const primary = '10-calico.conflist';
  const before = fixture('calico.conflist');
  beforeEach(async () => {
    node.write(primary, before);
    await install(node.config());
  });

  it('is told beforehand, step by step, and then nothing is touched', async () => {
    const all = node.all();
    const text = renderWayBack(await wayBack(node.config(), { by: 'command', waitMs: 10_000 }));
    assert.deepEqual(text.replaceAll(dirname(node.config().netDir), '').split('\n'), [
      'write /state/installer.json, so that no agent installs again',
      'take our entry out of /net.d/10-calico.conflist',
      'wait 10 s for the runtime',
      'remove /bin/sluice-cni',
      'remove /bin/.sluice',
      'remove /state/kubeconfig',
      'remove /run/agent.sock',
      'remove /state/attachments',
      'remove /state/history',
      'remove /state/pods',
      'remove /state/backend.json',
      '',
    ]);
    assert.deepEqual(node.all(), all);
  });

  it('keeps what the owner has changed since', async () => {
    node.write(primary, node.read(primary).replace('"mtu": 0', '"mtu": 1400'));
    await uninstall(node.config(), { by: 'agent', waitMs: 1 });
    assert.equal(node.read(primary), before.replace('"mtu": 0', '"mtu": 1400'));
  });

  it('removes nothing that a torn file still names', async () => {
    node.write(primary, node.read(primary).slice(0, -3));
    const done = uninstall(node.config(), { by: 'agent', waitMs: 1 });
    await assert.rejects(done, /"10-calico.conflist" still names sluice-cni/);
    assert.ok('bin/sluice-cni' in node.all());
  });

  it('removes nothing once our entry has come back', async () => {
    const done = uninstall(node.config(), { by: 'agent', waitMs: 200 });
    const entry = node.read(primary);
    while (node.read(primary) === entry) await new Promise((resolve) => setTimeout(resolve, 5));
    node.write(primary, entry);
    await assert.rejects(done, /still names sluice-cni/);
    assert.ok('bin/sluice-cni' in node.all());
  });

  it('leaves files alone that are not ours', async () => {
    mkdirSync(node.config().stateDir);
    writeFileSync(join(node.config().stateDir, 'notes.txt'), 'mine');
    await uninstall(node.config(), { by: 'agent', waitMs: 1 });
    assert.equal(node.all()['state/notes.txt'], '644 mine');
  });

  it('by command keeps a running agent from installing again, but not one that starts', async () => {
    const running = createInstallation(node.config(), {
      holder: 'agent-1',
      trial: async () => undefined,
    });
    await uninstall(node.config(), { by: 'command', waitMs: 1 });
    const { isComplete, reason } = await running.look();
    assert.deepEqual(
      [isComplete, reason],
      [false, 'uninstalled by command: restart the agent to install again'],
    );
    assert.equal(node.read(primary), before);
    await keepUntilComplete(node.config(), 'agent-2');
    assert.notEqual(node.read(primary), before);
  });

  it('has nothing to do the second time', async () => {
    await uninstall(node.config(), { by: 'agent', waitMs: 1 });
    const all = node.all();
    await uninstall(node.config(), { by: 'agent', waitMs: 1 });
    assert.deepEqual(node.all(), all);
  });
});
