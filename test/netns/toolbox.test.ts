import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { creations } from '../../bench/processes.ts';
import { waysTaken } from './cases/take.ts';
import { type Case } from './cases/case.ts';
import { createBareRoot, hasToolbox, toolbox } from '../support/bareroot.ts';
import { createCleanup } from '../support/cleanup.ts';
import { createGround, scratchDirectory } from '../support/ground.ts';
import { heldRules } from '../support/held.ts';
import { runPlugin } from '../support/plugin.ts';
import { hasRoot, scratchNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { type Ground } from '../support/trips.ts';
import { scratchOwnedNetns } from '../support/userns.ts';

const redirected: Case['ways'] = {
  'app -> peer:8080': 'outbound',
  'peer -> pod:8080': 'inbound',
  'proxy -> peer:8080': 'direct',
  'app -> peer:53/udp': 'dns',
};

describe('the packaged plugin where there is no iptables, nsenter or shell', () => {
  before(function () {
    if (!hasRoot() || !hasToolbox()) this.skip();
  });
  for (const mode of ['REDIRECT', 'TPROXY'] as const) {
    for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
      describe(`${backend} with ${mode}`, () => {
        const here = site({
          annotations: { 'sidecar.istio.io/interceptionMode': mode },
          env: { ISTIO_META_DNS_CAPTURE: 'true' },
        });
        const [owned, ours] = [scratchOwnedNetns(), scratchNetns()];
        const cleanup = createCleanup();
        let ground: Ground;
        let through: readonly string[];

        before(async () => {
          through = await createBareRoot(await scratchDirectory(cleanup), here.directory());
          ground = await createGround(cleanup, { mode });
        });
        after(() => cleanup.run());

        const call = async (command: string, path: string): Promise<void> => {
          const containerId = path.replaceAll('/', '-').slice(1);
          const request = here.add(path, { command, containerId, config: { backend } });
          const { exitCode, stdout, stderr } = await runPlugin(request, { through });
          assert.equal(exitCode, 0, `${stdout}${stderr}`);
        };

        it('redirects the traffic of a pod', async () => {
          const { path } = ground.mesh.pod;
          await call('ADD', path);
          for (const family of ['ipv4', 'ipv6'] as const) {
            assert.deepEqual(await waysTaken(redirected, family, ground), redirected);
          }
          for (const command of ['CHECK', 'ADD', 'DEL']) await call(command, path);
        });

        it('gives a pod with hostUsers: false the same rules as any other', async () => {
          for (const { path } of [owned, ours]) await call('ADD', path);
          const held = await heldRules(owned, backend);
          assert.ok(held.some((line) => line.includes('--uid-owner 1337')));
          assert.deepEqual(held, await heldRules(ours, backend));
          await call('CHECK', owned.path);
        });
      });
    }
  }
});

describe('an ADD with the tool box', () => {
  before(function () {
    if (!hasRoot() || !hasToolbox()) this.skip();
  });
  const here = site();
  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    const netns = scratchNetns();

    it(`starts no more than four processes, all from the box: ${backend}`, async () => {
      const trace = join(here.directory(), `trace-${backend}`);
      const through = ['strace', '-f', '-qq', '-e', 'trace=process', '-o', trace];
      const request = here.add(netns.path, { config: { backend, toolsDir: toolbox } });
      const { exitCode, stdout } = await runPlugin(request, { through });
      assert.equal(exitCode, 0, stdout);
      const text = readFileSync(trace, 'utf8');
      const [, ...started] = [...text.matchAll(/execve\("([^"]+)"/g)].map(([, path = '']) => path);
      assert.ok(started.length > 0);
      for (const path of started) assert.ok(path.startsWith(`${toolbox}/`), path);
      const count = creations(text);
      assert.ok(count <= 4, `${count} processes: ${started.join(', ')}`);
    });
  }
});
