import assert from 'node:assert/strict';
import { command } from '../../../debug/trace/trace.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { invoke } from '../invoke.ts';
import { nodeState } from '../node.ts';

const DELIVERED = 'delivered to whoever listens on port 80 of the pod, not redirected';
const UNTOLD = 'it is forwarded or dropped, which the rules for the pod do not tell';

/** What the netns of a pod has beside the addresses that are told to the world. */
const HELD = [
  'link add eth0 type veth peer name other0',
  'link set eth0 address 02:00:00:00:00:02 up',
  'link set other0 addrgenmode none up',
  'addr add 10.9.0.2/24 brd + dev eth0',
  'addr add 10.8.8.8/32 dev eth0 scope link',
  'addr add 10.6.6.6/32 dev lo scope host',
  'route add local 10.99.0.0/16 dev lo',
  'route add unreachable 10.99.4.0/24 table local',
  'addr add fd00::2/64 dev eth0 nodad',
  'addr add fd08::8/128 dev eth0 scope link nodad',
  'addr add fd06::6/128 dev lo scope host nodad',
  'route add local fd99::/64 dev lo',
  'route add unreachable fd99:0:0:0:4::/80 table local',
  'route add anycast fd00::a dev eth0 table local',
];

const FAMILIES = {
  ipv4: {
    own: ['10.9.0.2', '10.8.8.8', '10.6.6.6', '10.99.1.1', '127.0.0.1'],
    shared: { '10.9.0.255': 'broadcast', '255.255.255.255': 'broadcast', '224.0.0.1': 'multicast' },
    foreign: ['10.9.0.3', '10.9.0.0', '10.98.1.1', '10.99.4.4', '169.254.1.1'],
    addresses: ['10.6.6.6', '10.8.8.8', '10.9.0.2', '10.99.0.0/16'],
    restore: 'iptables-nft-restore',
  },
  ipv6: {
    own: ['fd00::2', 'fd08::8', 'fd06::6', 'fd99::1', 'fe80::ff:fe00:2', '::1', 'FD00:0::2'],
    shared: { 'fd00::a': 'anycast', 'ff02::1': 'multicast' },
    foreign: ['fd00::3', 'fd98::1', 'fd99::4:0:0:1', 'fe80::9'],
    addresses: ['fd00::2', 'fd06::6', 'fd08::8', 'fe80::ff:fe00:2', 'fd99::/64'],
    restore: 'ip6tables-nft-restore',
  },
} as const;

describe('sluice trace of a packet that comes in', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const state = nodeState({ records: [] });
  const netns = scratchNetns();
  before(() => inNetns(netns, ['ip', '-batch', '-'], HELD.map((line) => `${line}\n`).join('')));

  for (const { own, shared, foreign, addresses, restore } of Object.values(FAMILIES)) {
    const incoming = async (dst: string, ...more: string[]): Promise<[string, number]> => {
      const at = dst.includes(':') ? `[${dst}]:80` : `${dst}:80`;
      const args = ['--netns', netns.path, '--in', '--dst', at, ...more];
      const told = await invoke(command, args, { place: { stateDir: state.path() } });
      const [line = ''] = told.text.split('\n');
      return [line.replace(/.* by the live rules: /, ''), told.exitCode];
    };
    const rule = async (table = 'nat', text = ''): Promise<void> => {
      const rules = `*nat\nCOMMIT\n*filter\nCOMMIT\n*mangle\nCOMMIT\n*${table}\n${text}\nCOMMIT\n`;
      await inNetns(netns, [restore], rules);
    };
    const none = (dst: string): string =>
      `${dst} is none of its addresses (${addresses.join(', ')})`;

    for (const dst of own) {
      it(`${dst} is delivered, as the kernel has it`, async () => {
        await rule();
        assert.match(await inNetns(netns, ['ip', 'route', 'get', dst]), /^local /);
        assert.deepEqual(await incoming(dst), [DELIVERED, 0]);
      });
    }

    for (const [dst, type] of Object.entries(shared)) {
      it(`${dst} is delivered, but no TCP connection to it begins`, async () => {
        await rule();
        assert.deepEqual(await incoming(dst, '--proto', 'udp'), [DELIVERED, 0]);
        const dropped = `dropped by the kernel: TCP takes no connection to ${dst}, which is ${type}`;
        assert.deepEqual(await incoming(dst), [dropped, 1]);
      });
    }

    for (const dst of foreign) {
      it(`${dst} is for somebody else, so that it could not be told`, async () => {
        await rule();
        assert.deepEqual(await incoming(dst), [`could not tell: ${none(dst)}: ${UNTOLD}`, 3]);
      });
    }

    const [other] = foreign;
    it(`${other}: redirected all the same, which is told, and of no other`, async () => {
      await rule('nat', '-A PREROUTING -p tcp -j REDIRECT --to-ports 15006');
      assert.deepEqual(await incoming(other), [`redirected to 15006; ${none(other)}`, 0]);
      for (const dst of [...own, ...Object.keys(shared)])
        assert.deepEqual(await incoming(dst), ['redirected to 15006', 0]);
    });

    it(`${other}: a rule of INPUT does not see it`, async () => {
      await rule('filter', '-A INPUT -j DROP');
      assert.deepEqual(await incoming(other), [`could not tell: ${none(other)}: ${UNTOLD}`, 3]);
    });

    it(`${other} is delivered where its mark has a route, and only there`, async () => {
      await rule('mangle', '-A PREROUTING -j MARK --set-mark 1337');
      assert.equal((await incoming(other))[1], 3);
      const ip = ['ip', other.includes(':') ? '-6' : '-4'];
      await inNetns(netns, [...ip, ...'rule add pref 133 fwmark 1337 lookup 133'.split(' ')]);
      await inNetns(netns, [...ip, ...'route add local default dev lo table 133'.split(' ')]);
      assert.deepEqual(await incoming(other), [DELIVERED, 0]);
    });
  }
});
