import assert from 'node:assert/strict';
import { ruleSources } from '../../../debug/bugreport/rules.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { addOf } from '../node.ts';

describe('rules in a bug report', () => {
  for (const [program, address] of [
    ['iptables-legacy', '192.0.2.7'],
    ['ip6tables-legacy', '2001:db8::7'],
  ] as const) {
    describe(`where ${program} alone holds some`, () => {
      before(function () {
        if (!hasRoot()) this.skip();
      });
      const netns = scratchNetns();

      it('has them', async () => {
        await inNetns(netns, [program, '-A', 'INPUT', '-s', address, '-j', 'ACCEPT']);
        const record = await addOf({}, { netns: { path: netns.path, inode: undefined } });
        const place = {
          stateDir: '',
          agentSocket: '',
          netDir: '',
          binDir: '',
          toolsDir: undefined,
        };
        const [source] = ruleSources([record], place);
        const text = await source?.collect(new AbortController().signal);
        assert.match(text ?? '', new RegExp(`^-A INPUT -s ${address}/\\d+ -j ACCEPT$`, 'm'));
      });
    });
  }
});
