import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCleanup } from '../../support/cleanup.ts';
import { createGround, redirect, scratchDirectory } from '../../support/ground.ts';
import { holdings, ours } from '../../support/holdings.ts';
import { targets } from '../../support/mesh.ts';
import { type Netns } from '../../support/netns.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { realProgram, site } from '../../support/site.ts';
import { type Ground } from '../../support/trips.ts';
import { type Case } from '../../netns/cases/case.ts';
import { waysTaken } from '../../netns/cases/take.ts';
import { type Ran, runOnHost } from './ground.ts';

const families = ['ipv4', 'ipv6'] as const;
const untouched: Case['ways'] = { 'app -> peer:8080': 'direct', 'peer -> pod:8080': 'direct' };
const redirected: Case['ways'] = { 'app -> peer:8080': 'outbound', 'peer -> pod:8080': 'inbound' };
const [NFT, LEGACY] = ['iptables-nft', 'iptables-legacy'] as const;

describe('host with two backends', () => {
  const cleanup = createCleanup();
  const tools = site();
  let ground: Ground;
  let stateDir: string;
  const host = (args: readonly string[], env = {}): Promise<Ran> =>
    runOnHost(ground.mesh.pod, args, { stateDir, env });
  const apply = async (args: readonly string[], env = {}): Promise<Ran> => {
    const address = ['--address', targets.pod.ipv4, '--exclude-inbound-ports', '22'];
    return host(['apply', ...address, ...args], env);
  };
  const held = async (): Promise<string[]> => ours(await holdings(ground.mesh.pod));
  const ways = async (wanted: Case['ways']): Promise<void> => {
    for (const family of families) {
      assert.deepEqual(await waysTaken(wanted, family, ground), wanted);
    }
  };

  before(async function () {
    if (!hasRoot()) this.skip();
    ground = await createGround(cleanup, { mode: 'REDIRECT' });
    stateDir = await scratchDirectory(cleanup);
  });
  after(() => cleanup.run());
  afterEach(async () => {
    await host(['remove']);
  });

  for (const [one, mode, other] of [
    [LEGACY, 'REDIRECT', NFT],
    [LEGACY, 'TPROXY', NFT],
    [NFT, 'REDIRECT', LEGACY],
  ] as const) {
    it(`moves the rules from ${one} with ${mode} to ${other}`, async () => {
      assert.equal((await apply(['--backend', other])).exitCode, 0);
      const wanted = await held();
      assert.equal((await host(['remove'])).exitCode, 0);
      assert.equal((await apply(['--backend', one, '--mode', mode])).exitCode, 0);
      assert.notDeepEqual(await held(), wanted);

      const { stdout, stderr, exitCode } = await apply(['--backend', other]);
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, new RegExp(`rules of a mesh were also in ${one}, .* they are removed`));
      assert.deepEqual(await held(), wanted);
      await ways(redirected);
      assert.equal((await host(['show'])).exitCode, 0);
    });
  }

  it('has the new rules before it takes the old ones away', async () => {
    assert.equal((await apply(['--backend', LEGACY])).exitCode, 0);
    const seen = join(tools.directory(), 'seen');
    const SLUICE_TOOLS_DIR = tools.tools({
      'iptables-legacy-restore': `iptables-nft-save >${seen}; exec ${realProgram('iptables-legacy-restore')} "$@"`,
    });
    const { stderr, exitCode } = await apply([], { SLUICE_TOOLS_DIR });
    assert.equal(exitCode, 0, stderr);
    assert.match(readFileSync(seen, 'utf8'), /-j ISTIO_OUTPUT/);
  });

  it('leaves nothing in either where the new rules cannot be had', async () => {
    assert.equal((await apply(['--backend', LEGACY])).exitCode, 0);
    const restore = realProgram('ip6tables-nft-restore');
    const SLUICE_TOOLS_DIR = tools.tools({
      'ip6tables-nft-restore': `input=$(cat); case $input in *ISTIO_*) exit 1;; esac; printf '%s\\n' "$input" | ${restore} "$@"`,
    });
    const { stderr, exitCode } = await apply([], { SLUICE_TOOLS_DIR });
    assert.match(stderr, /nothing of it was left behind/);
    assert.equal(exitCode, 1);
    assert.deepEqual(await held(), []);
  });

  it('says that both hold rules, and takes them from both', async () => {
    assert.equal((await apply(['--mode', 'TPROXY'])).exitCode, 0);
    await addLegacy(ground.mesh.pod);
    const shown = await host(['show']);
    assert.match(
      shown.stdout,
      /by rules in iptables-nft and in iptables-legacy, not in iptables-nft alone/,
    );
    assert.equal(shown.exitCode, 1);

    const { stderr, exitCode } = await host(['remove']);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await held(), []);
    await ways(untouched);
  });

  it('sees rules that nobody recorded in the backend that would not be chosen', async () => {
    await redirect(ground.mesh.pod, LEGACY, {});
    const shown = await host(['show']);
    assert.match(shown.stdout, /^rules of a mesh are in iptables-legacy, not recorded here/);
    assert.equal(shown.exitCode, 1);
    assert.match((await host(['remove'])).stdout, /^the host is not redirected any more/);
    assert.deepEqual(await held(), []);
  });

  it('only tells what it would remove on a dry run', async () => {
    assert.equal((await apply(['--mode', 'TPROXY'])).exitCode, 0);
    await addLegacy(ground.mesh.pod);
    const before = await holdings(ground.mesh.pod);
    const { stdout, exitCode } = await host(['remove', '--dry-run']);
    assert.match(
      stdout,
      /^these rules would be taken away from iptables-nft and iptables-legacy: /,
    );
    assert.match(stdout, /^mangle -A PREROUTING .*-j ISTIO_INBOUND$/m);
    assert.match(stdout, /^nat -A ISTIO_OLD .*--to-ports 15001$/m);
    assert.equal(exitCode, 0);
    assert.deepEqual(await holdings(ground.mesh.pod), before);
    assert.match((await host(['show'])).stdout, /^the host is redirected by rules in /);

    await host(['remove']);
    const again = await host(['remove', '--dry-run']);
    assert.equal(again.stdout.trim(), 'the host is not redirected: nothing would be taken away');
  });
});

describe('host show', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();

  it('makes no legacy tables', async () => {
    const { exitCode } = await runOnHost(netns, ['show'], { stateDir: '/nonexistent' });
    assert.equal(exitCode, 0);
    const names = 'cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null || true';
    assert.equal(await inNetns(netns, ['sh', '-c', names]), '');
  });
});

/** As one of old has left it beside newer ones, which does not look elsewhere. */
async function addLegacy(netns: Netns): Promise<void> {
  const rules = [
    ...[':ISTIO_OLD - [0:0]', '-A OUTPUT -p tcp -m tcp --dport 8080 -j ISTIO_OLD'],
    '-A ISTIO_OLD -p tcp -m owner ! --uid-owner 1337 -j REDIRECT --to-ports 15001',
  ];
  const input = ['*nat', ...rules, 'COMMIT', ''].join('\n');
  for (const program of ['iptables-legacy-restore', 'ip6tables-legacy-restore']) {
    await inNetns(netns, [program, '--noflush'], input);
  }
}
