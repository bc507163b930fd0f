import assert from 'node:assert/strict';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { glance, type Glance } from '../../../../agent/census/look/glance.ts';
import { openHome } from '../../../../agent/census/look/inside.ts';
import { type Libc, loadLibc } from '../../../../agent/census/look/libc.ts';
import { createCleanup } from '../../../support/cleanup.ts';
import { addInterface, withNetns } from '../../../support/holdings.ts';
import { type Netns } from '../../../support/netns.ts';
import { hasRoot, inNetns } from '../../../support/scratch.ts';
import { redirect } from '../ground.ts';

const TPROXY = { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } };

describe('glance()', () => {
  let libc: Libc;
  const cleanup = createCleanup();
  let home: ReturnType<typeof openHome>;
  before(function () {
    if (!hasRoot()) this.skip();
    libc = loadLibc([tmpdir(), '/run', '/dev/shm']);
    home = openHome();
    cleanup.add(home.close);
  });
  after(() => cleanup.run());

  const at = ({ path }: Netns): Glance => {
    const netns = openSync(path, 'r');
    try {
      return glance(libc, { netns, home: home.home });
    } finally {
      closeSync(netns);
    }
  };
  const sh = (netns: Netns, script: string): Promise<string> =>
    inNetns(netns, ['sh', '-ec', script]);

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    describe(backend, () => {
      it('tells the same of netns that hold the same, whatever they have counted', () =>
        withNetns(async (one) => {
          await withNetns(async (other) => {
            for (const netns of [one, other]) await redirect(netns, {}, backend);
            const { digest } = at(one);
            await inNetns(one, ['bash', '-c', '(exec 3<>/dev/tcp/127.0.0.1/9) || true']);
            assert.match(await sh(one, `${backend} -t nat -vS OUTPUT`), /-c [1-9]/);
            assert.equal(at(one).digest, digest);
            assert.equal(at(other).digest, digest);
          });
        }));

      const changes: Record<string, string> = {
        'a rule more': `${backend} -t nat -A OUTPUT -p tcp --dport 25 -j RETURN`,
        'a rule less': `${backend} -t nat -D ISTIO_OUTPUT 1`,
        'another order': `
          rule=$(${backend} -t nat -S ISTIO_OUTPUT 1 | sed 's/^-A //')
          eval "${backend} -t nat -D $rule"; eval "${backend} -t nat -A $rule"`,
        'another port': `
          rule=$(${backend} -t nat -S ISTIO_REDIRECT 1 | sed 's/^-A ISTIO_REDIRECT//; s/15001/15002/')
          eval "${backend} -t nat -R ISTIO_REDIRECT 1 $rule"`,
        'a chain more': `${backend} -t nat -N EMPTY`,
        'nothing of IPv6': `${backend.replace('ip', 'ip6')} -t nat -F`,
      };
      for (const [what, script] of Object.entries(changes)) {
        it(`tells another of a netns with ${what}`, () =>
          withNetns(async (netns) => {
            await redirect(netns, {}, backend);
            const { digest } = at(netns);
            await sh(netns, script);
            assert.notEqual(at(netns).digest, digest);
          }));
      }
    });
  }

  it('tells what is there, and brings nothing into being', () =>
    withNetns(async (netns) => {
      const nothing = { nftables: false, legacy: { ipv4: false, ipv6: false } };
      for (let i = 0; i < 2; i += 1) {
        const { nftables, legacy } = at(netns);
        assert.deepEqual({ nftables, legacy }, nothing);
      }
      await redirect(netns, {}, 'iptables-legacy');
      assert.deepEqual(at(netns).legacy, { ipv4: true, ipv6: true });
      assert.equal(at(netns).nftables, false);
    }));

  it('tells routes and addresses as the plugin reads them', () =>
    withNetns(async (netns) => {
      await addInterface(netns, ['2001:db8::5/64', '10.1.2.3/24']);
      assert.equal(at(netns).routes.ipv6.address, false);
      await redirect(netns, TPROXY);
      const there = { address: true, rule: true, route: true };
      assert.deepEqual(at(netns).routes, {
        ipv4: { ...there, globalAddresses: [] },
        ipv6: { ...there, globalAddresses: ['2001:db8::5'] },
      });
      await sh(netns, 'ip rule del pref 133; ip -6 route flush table 133');
      const { ipv4, ipv6 } = at(netns).routes;
      assert.deepEqual([ipv4.rule, ipv4.route, ipv6.rule, ipv6.route], [false, true, true, false]);
    }));

  it('does not read on for ever', () =>
    withNetns(async (netns) => {
      const rule = `add rule ip t c tcp dport 1 counter comment "${'x'.repeat(100)}"\n`;
      const input = `add table ip t\nadd chain ip t c\n${rule.repeat(60_000)}`;
      await inNetns(netns, ['nft', '-f', '-'], input);
      assert.throws(() => at(netns), /more than 16 MiB/);
    })).timeout(120_000);

  it('comes back, also when it fails', () => {
    const before = readlinkSync('/proc/thread-self/ns/net');
    const netns = openSync('/proc/self/status', 'r');
    assert.throws(() => glance(libc, { netns, home: home.home }), /setns says EINVAL/);
    closeSync(netns);
    assert.equal(readlinkSync('/proc/thread-self/ns/net'), before);
    assert.equal(readlinkSync('/proc/self/ns/net'), before);
  });
});
