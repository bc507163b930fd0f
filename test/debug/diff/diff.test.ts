import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { command } from '../../../debug/diff/diff.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { redirect, scratchName } from '../../support/ground.ts';
import { createMesh, type Mesh } from '../../support/mesh.ts';
import { type PodChanges } from '../../support/pod.ts';
import { removeNetns } from '../../support/netns.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { invoke, type Told } from '../invoke.ts';
import { factsOf, stateOf } from '../live.ts';

const tproxy: PodChanges = { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } };

describe('sluice diff', () => {
  const cleanup = createCleanup();
  let mesh: Mesh;
  let pod: PodChanges = {};

  before(function () {
    if (!hasRoot()) this.skip();
  });
  beforeEach(async () => {
    pod = {};
    mesh = await createMesh(scratchName(), cleanup);
  });
  afterEach(() => cleanup.run());

  const diff = async (...args: string[]): Promise<Told> => {
    const stateDir = await stateOf(mesh.pod, pod, cleanup);
    return invoke(command, args.length === 0 ? ['default/web-0'] : args, { place: { stateDir } });
  };
  const run = (text: string): Promise<string> => inNetns(mesh.pod, text.split(' '));

  const cases: readonly [string, readonly string[], number, RegExp][] = [
    ['nothing', [], 0, /is to be redirected: as wanted\n$/],
    [
      'a rule that is gone',
      ['iptables-nft -t nat -D ISTIO_OUTPUT 1'],
      1,
      /ipv4, iptables-nft\n +- +nat ISTIO_OUTPUT 1 +-p tcp -m tcp --dport 15020 .*missing/,
    ],
    [
      'all rules of IPv6 gone',
      ['ip6tables-nft -t nat -F', 'ip6tables-nft -t nat -X'],
      1,
      /ipv6, iptables-nft\n +- +nat PREROUTING 1/,
    ],
    [
      'a rule too many',
      ['ip6tables-nft -t nat -A ISTIO_REDIRECT -p udp -j RETURN'],
      1,
      /ipv6, iptables-nft\n +\+ +nat ISTIO_REDIRECT 2 +-p udp -j RETURN\n/,
    ],
    [
      "somebody else's rule",
      ['iptables-nft -A INPUT -p udp -j ACCEPT'],
      0,
      /= +filter INPUT 1 +-p udp -j ACCEPT +\(of somebody else\)/,
    ],
    [
      'one that is in front',
      [
        'iptables-nft -t nat -N cali-out',
        'iptables-nft -t nat -A cali-out -j ACCEPT',
        'iptables-nft -t nat -I OUTPUT 1 -j cali-out',
      ],
      1,
      /! +nat OUTPUT 1 +-j cali-out +\(takes traffic from ours; of Calico\)/,
    ],
    [
      'rules in the other backend',
      ['iptables-legacy -t nat -N ISTIO_REDIRECT'],
      1,
      /ipv4, iptables-legacy \(is to hold nothing of ours\)\n +\+ +nat ISTIO_REDIRECT/,
    ],
    [
      'a table of nftables',
      ['nft add table inet firewall'],
      0,
      /nftables holds the table "inet firewall"/,
    ],
  ];
  for (const [what, commands, code, text] of cases) {
    it(`finds ${what}`, async function () {
      if (commands.some((each) => each.startsWith('nft ')) && !existsSync('/usr/sbin/nft')) {
        process.stderr.write('    skipped: needs nft, of the Debian package nftables\n');
        this.skip();
      }
      await redirect(mesh.pod, 'iptables-nft', pod);
      for (const each of commands) await run(each);
      const told = await diff();
      assert.match(told.text, text);
      assert.equal(told.exitCode, code, told.text);
    });
  }

  it('looks where the rules are: iptables-legacy', async () => {
    await redirect(mesh.pod, 'iptables-legacy', pod);
    assert.equal((await diff()).exitCode, 0);
    await run('ip6tables-legacy -t nat -D ISTIO_OUTPUT 1');
    const { exitCode, text } = await diff();
    assert.match(text, /ipv6, iptables-legacy\n +- +nat ISTIO_OUTPUT 1/);
    assert.equal(exitCode, 1);
  });

  it('finds that a rule of TPROXY is gone, and its route', async () => {
    pod = tproxy;
    await redirect(mesh.pod, 'iptables-nft', pod);
    assert.equal((await diff()).exitCode, 0);
    await run('ip route del local default dev lo table 133');
    const { exitCode, text } = await diff();
    assert.match(text, /- +route "local default dev lo table 133"/);
    assert.equal(exitCode, 1);
  });

  it('finds rules where none are to be', async () => {
    pod = { annotations: { 'sidecar.istio.io/inject': 'false' } };
    assert.equal((await diff()).exitCode, 0);
    await redirect(mesh.pod, 'iptables-nft', {});
    const { exitCode, text } = await diff('--all');
    assert.match(text, /is to be left alone \(injection-disabled\): different/);
    assert.equal(exitCode, 1);
  });

  it('takes the rules of another version for right where no ADD is recorded', async () => {
    await redirect(mesh.pod, 'iptables-nft', pod);
    const { stateDir, resultsDir } = await factsOf(mesh.pod, pod, cleanup);
    const env = { SLUICE_CNI_RESULTS_DIR: resultsDir };
    const told = await invoke(command, ['web-0'], { place: { stateDir }, env });
    assert.match(told.text, /as wanted/);
    assert.equal(told.exitCode, 0, told.text);
  });

  it('cannot tell of a pod whose netns is gone', async () => {
    const stateDir = await stateOf(mesh.pod, pod, cleanup);
    await removeNetns(mesh.pod.name);
    const told = await invoke(command, ['--all'], { place: { stateDir } });
    assert.match(told.text, /could not tell \(cannot find the netns of pod "default\/web-0"/);
    assert.equal(told.exitCode, 3);
  });
});
