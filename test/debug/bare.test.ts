import assert from 'node:assert/strict';
import { execa } from 'execa';
import { createBareRoot, hasToolbox } from '../support/bareroot.ts';
import { createCleanup } from '../support/cleanup.ts';
import { scratchDirectory } from '../support/ground.ts';
import { holdings, ours } from '../support/holdings.ts';
import { executable, runPlugin } from '../support/plugin.ts';
import { hasRoot, scratchNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';

describe('the packaged commands where there is no iptables, nsenter, tar or shell', () => {
  before(function () {
    if (!hasRoot() || !hasToolbox()) this.skip();
  });
  const cleanup = createCleanup();
  const node = site();
  const netns = scratchNetns();
  let through: readonly string[];

  before(async () => {
    through = await createBareRoot(await scratchDirectory(cleanup), node.directory());
    const added = await runPlugin(node.add(netns.path), { through });
    assert.equal(added.exitCode, 0, added.stdout);
  });
  after(() => cleanup.run());

  const run = (args: readonly string[], inside: readonly string[] = []): ReturnType<typeof start> =>
    start([...inside, ...through, executable, ...args], node.stateDir());
  const enter = ['nsenter', `--net=${netns.path}`, '--'];

  it('history knows the ADD', async () => {
    const { stdout, exitCode } = await run(['history']);
    assert.match(stdout, /default\/web-0 +redirected/);
    assert.equal(exitCode, 0);
  });

  it('replay programs a netns of its own', async () => {
    const { stdout, stderr, exitCode } = await run(['replay', 'default/web-0']);
    assert.match(stdout, /^same +kernel +ipv4\+ipv6$/m, stderr);
    assert.equal(exitCode, 0);
  });

  it('cni calls the plugin', async () => {
    const keys = [`stateDir=${node.stateDir()}`, `agentSocket=${node.directory()}/agent.sock`];
    const about = [
      '--netns',
      netns.path,
      '--container-id',
      'container-1',
      '--pod',
      'default/web-0',
    ];
    const args = ['cni', 'check', ...about, ...keys.flatMap((key) => ['--set', key])];
    const { stdout, exitCode } = await run(args);
    assert.match(stdout, /^ok +CHECK +sluice-cni/);
    assert.equal(exitCode, 0);
  });

  it('bugreport packs the rules of the pod', async () => {
    const file = `${node.directory()}/report.tar.gz`;
    const { stderr, exitCode } = await run(['bugreport', '--file', file]);
    assert.equal(exitCode, 0, stderr);
    const { stdout } = await execa('tar', ['-xzOf', file, '--wildcards', '*.rules.txt']);
    assert.match(stdout, /^-A ISTIO_OUTPUT .*sluice:proxy-uid/m);
  });

  it('host takes rules out of the netns that it runs in', async () => {
    assert.equal((await run(['host', 'show'], enter)).exitCode, 1);
    const { stdout, stderr } = await run(['host', 'remove'], enter);
    assert.equal(stdout, 'the host is not redirected any more', stderr);
    assert.deepEqual(ours(await holdings(netns)), []);
  });
});

/** Never rejects because of how it ends. */
async function start(
  [file = '', ...args]: readonly string[],
  stateDir: string,
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  const { stdout, stderr, exitCode } = await execa(file, args, {
    env: { SLUICE_STATE_DIR: stateDir },
    reject: false,
    timeout: 50_000,
  });
  return { stdout, stderr, exitCode };
}
