import assert from 'node:assert/strict';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { runOnHost } from './ground.ts';

describe('host', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();

  const unused: Readonly<Record<string, readonly [args: readonly string[], says: RegExp]>> = {
    'remove --dns': [
      ['remove', '--dns'],
      /cannot use --dns with "host remove": it takes --netns and --dry-run alone/,
    ],
    'remove --backend': [['remove', '--backend', 'iptables-nft'], /cannot use --backend with/],
    'show --address': [
      ['show', '--address', '10.0.0.5'],
      /cannot use --address with "host show": it takes --netns alone/,
    ],
    'show --dry-run': [['show', '--dry-run'], /cannot use --dry-run with "host show"/],
  };
  for (const [name, [args, says]] of Object.entries(unused)) {
    it(`refuses ${name}, which it would ignore`, async () => {
      const { stderr, exitCode } = await runOnHost(netns, args, { stateDir: '/nonexistent' });
      assert.match(stderr, says);
      assert.equal(exitCode, 2);
    });
  }

  it('does not ask root to be root where a netns is missing', async () => {
    const args = ['show', '--netns', '/run/netns/no-such-netns'];
    const { stderr, exitCode } = await runOnHost(netns, args, { stateDir: '/nonexistent' });
    assert.match(stderr, /cannot work on the netns "\/run\/netns\/no-such-netns"\n/);
    assert.match(stderr, /ENOENT/);
    assert.equal(exitCode, 3);
  });

  it('asks others to be root', async () => {
    const args = ['show', '--netns', netns.path];
    const { stderr, exitCode } = await runOnHost(netns, args, {
      stateDir: '/nonexistent',
      uid: 65_534,
    });
    assert.match(stderr, /^sluice: cannot .*: run this as root\n/);
    assert.equal(exitCode, 3);
  });
});
