import assert from 'node:assert/strict';
import { createCleanup } from '../../support/cleanup.ts';
import { createGround, scratchDirectory } from '../../support/ground.ts';
import { holdings, ours } from '../../support/holdings.ts';
import { targets } from '../../support/mesh.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { type Ground } from '../../support/trips.ts';
import { type Case } from '../../netns/cases/case.ts';
import { waysTaken } from '../../netns/cases/take.ts';
import { type Ran, runOnHost } from './ground.ts';

const redirected: Case['ways'] = {
  'app -> peer:8080': 'outbound',
  'root -> peer:8080': 'outbound',
  'app -> peer:9000': 'direct',
  'peer -> pod:8080': 'inbound',
  'peer -> pod:9010': 'direct',
  'proxy -> peer:8080': 'direct',
  'app -> peer:53/udp': 'dns',
};
const untouched: Case['ways'] = {
  'app -> peer:8080': 'direct',
  'peer -> pod:8080': 'direct',
  'proxy -> peer:8080': 'direct',
};
const families = ['ipv4', 'ipv6'] as const;
const addresses = families.flatMap((family) => ['--address', targets.pod[family]]);
const ports = ['--dns', '--exclude-inbound-ports', '22,9010', '--exclude-outbound-ports', '9000'];

const kinds = [
  { mode: 'REDIRECT', backend: 'iptables-nft' },
  { mode: 'TPROXY', backend: 'iptables-nft' },
  { mode: 'REDIRECT', backend: 'iptables-legacy' },
] as const;

for (const { mode, backend } of kinds) {
  describe(`host with ${mode} by ${backend}`, () => {
    const cleanup = createCleanup();
    let ground: Ground;
    let stateDir: string;
    const host = (...args: string[]): Promise<Ran> =>
      runOnHost(ground.mesh.pod, args, { stateDir });
    const apply = (...args: string[]): Promise<Ran> =>
      host('apply', ...addresses, '--mode', mode, '--backend', backend, ...ports, ...args);

    before(async function () {
      if (!hasRoot()) this.skip();
      ground = await createGround(cleanup, { mode });
      stateDir = await scratchDirectory(cleanup);
    });
    after(() => cleanup.run());

    it('shows that nothing is there', async () => {
      const { stdout, exitCode } = await host('show');
      assert.equal(stdout.trim(), 'the host is not redirected');
      assert.equal(exitCode, 0);
    });

    it('only tells its rules on a dry run', async () => {
      const before = await holdings(ground.mesh.pod);
      const { stdout, exitCode } = await apply('--dry-run');
      assert.match(stdout, /^nat -A OUTPUT .*sluice:output.* -j ISTIO_OUTPUT$/m);
      assert.equal(exitCode, 0);
      assert.deepEqual(await holdings(ground.mesh.pod), before);
    });

    it('redirects the traffic of the netns that it runs in', async () => {
      const { stdout, stderr, exitCode } = await apply();
      assert.equal(exitCode, 0, stderr);
      assert.match(
        stdout,
        /^the host is redirected, as read back from the kernel \(ipv4 and ipv6, /,
      );
      assert.ok(stdout.includes(backend), stdout);
      for (const family of families) {
        assert.deepEqual(await waysTaken(redirected, family, ground), redirected);
      }
    });

    it('ends in the same rules a second time, and leaves no other', async () => {
      const once = await holdings(ground.mesh.pod);
      assert.equal((await apply()).exitCode, 0);
      assert.deepEqual(await holdings(ground.mesh.pod), once);
      assert.deepEqual(ours(once), once);
    });

    it('shows what was applied, and that it is still so', async () => {
      const { stdout, exitCode } = await host('show');
      assert.match(stdout, /^the host is redirected since /);
      assert.match(
        stdout,
        /excludeInboundPorts +22,9010,15020-15021,15090 +--exclude-inbound-ports/,
      );
      assert.equal(exitCode, 0);
    });

    it('shows a rule that somebody has taken away', async () => {
      await inNetns(ground.mesh.pod, [backend, '-t', 'nat', '-F', 'ISTIO_OUTPUT']);
      const { stdout, exitCode } = await host('show');
      assert.match(
        stdout,
        /otherwise than was applied: ipv4: rule 1 of chain ISTIO_OUTPUT .* is missing/,
      );
      assert.equal(exitCode, 1);
    });

    it('takes all away again', async () => {
      assert.equal((await host('remove')).exitCode, 0);
      assert.deepEqual(ours(await holdings(ground.mesh.pod)), []);
      for (const family of families) {
        assert.deepEqual(await waysTaken(untouched, family, ground), untouched);
      }
      const { stdout, exitCode } = await host('remove');
      assert.deepEqual([stdout.trim(), exitCode], ['the host was not redirected', 0]);
    });
  });
}
