import assert from 'node:assert/strict';
import { command } from '../../../debug/trace/trace.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { invoke } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

const service = ['--dst', '10.96.0.1:80'];

describe('sluice trace', () => {
  const state = nodeState({ records: [addOf({ name: 'web-0' })] });
  const trace = (...args: string[]): ReturnType<typeof invoke> =>
    invoke(command, args, { place: { stateDir: state.path() } });

  describe('through the wanted rules', () => {
    const cases: readonly [string, readonly string[], number, RegExp][] = [
      ['the app calls', service, 0, /redirected to 15001 \(the sidecar's outbound listener\)/],
      ['the sidecar calls', [...service, '--uid', '1337'], 0, /leaves by eth0/],
      ['somebody calls', ['--in', '--dst', '10.9.0.5:8080'], 0, /redirected to 15006/],
      [
        'somebody asks for health',
        ['--in', '--dst', '10.9.0.5:15021'],
        0,
        /delivered to whoever listens on port 15021/,
      ],
      ['IPv6', ['--dst', '[fd00::9]:80'], 0, /redirected to 15001/],
    ];
    for (const [what, args, code, text] of cases) {
      it(`${what}: ${text.source}`, async () => {
        const told = await trace('web-0', '--from', 'wanted', ...args);
        assert.equal(told.exitCode, code);
        assert.match(told.text, text);
      });
    }

    it('names the condition that does not hold', async () => {
      const { text } = await trace('web-0', '--from', 'wanted', ...service);
      assert.match(text, /nat ISTIO_OUTPUT 1 .* no .*--dport 15020 .*\(not: --dport 15020\)/);
    });
  });

  for (const [args, message] of [
    [['web-0'], /--dst/],
    [['web-0', '--dst', '10.0.0.1'], /wanted 10\.0\.0\.9:80/],
    [['web-0', ...service, '--src', '[::1]:1'], /two families/],
    [['web-0', ...service, '--in', '--out'], /both ways/],
    [['web-0', ...service, '--uid', 'root'], /--uid "root"/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      await assert.rejects(trace(...args), { exitCode: 2, message });
    });
  }

  describe('through what a netns holds', () => {
    before(function () {
      if (!hasRoot()) this.skip();
    });
    const netns = scratchNetns();
    const restore = (rules: string): Promise<string> =>
      inNetns(netns, ['iptables-nft-restore'], rules);
    const cases: readonly [string, string, number, RegExp][] = [
      [
        'a redirection',
        '*nat\n-A OUTPUT -p tcp -j REDIRECT --to-ports 15001\nCOMMIT\n',
        0,
        /redirected to 15001/,
      ],
      [
        'a policy',
        '*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n',
        1,
        /dropped by the policy of filter OUTPUT/,
      ],
      [
        'a rule that is not known',
        '*filter\n-A OUTPUT -m statistic --mode random --probability 0.5 -j DROP\nCOMMIT\n',
        3,
        /could not tell: .*statistic/,
      ],
      [
        'one that is ruled out by what is known of it',
        '*filter\n-A OUTPUT -p udp -m statistic --mode random --probability 0.5 -j DROP\nCOMMIT\n',
        0,
        /leaves by eth0/,
      ],
      [
        'a target that is not known',
        '*nat\n-A OUTPUT -p tcp -j DNAT --to-destination 10.0.0.1\nCOMMIT\n',
        3,
        /could not tell/,
      ],
    ];
    for (const [what, rules, code, text] of cases) {
      it(`${what}: ${text.source}`, async () => {
        await restore('*nat\nCOMMIT\n*filter\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n');
        await restore(rules);
        const told = await trace('--netns', netns.path, ...service);
        assert.match(told.text, text);
        assert.equal(told.exitCode, code);
      });
    }

    it("walks through iptables-legacy's rules where they are", async () => {
      await restore('*nat\nCOMMIT\n*filter\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n');
      const rules = '*nat\n-A OUTPUT -p tcp -j REDIRECT --to-ports 15001\nCOMMIT\n';
      await inNetns(netns, ['ip6tables-legacy-restore'], rules);
      const told = await trace('--netns', netns.path, '--dst', '[fd00::9]:80');
      assert.match(told.text, /redirected to 15001/);
      assert.equal(told.exitCode, 0);
    });

    it('does not guess where both backends hold rules', async () => {
      await restore('*nat\n-A OUTPUT -p tcp -j RETURN\nCOMMIT\n');
      await inNetns(
        netns,
        ['iptables-legacy-restore'],
        '*nat\n-A OUTPUT -p tcp -j RETURN\nCOMMIT\n',
      );
      const { exitCode, text } = await trace('--netns', netns.path, ...service);
      assert.match(text, /could not tell: iptables-nft and iptables-legacy both hold rules/);
      assert.equal(exitCode, 3);
    });
  });
});
