import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { TRIALS, tryBackend } from '../../agent/trial.ts';
import { hasRoot, saved } from '../support/scratch.ts';

describe('tryBackend() in a netns of its own', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    for (const trial of TRIALS) {
      it(`finds that it works: ${backend}, ${trial}`, async () => {
        assert.deepEqual(await tryBackend(backend, trial, { toolsDir: undefined }), {
          backend,
          trial,
          families: ['ipv4', 'ipv6'],
          warnings: [],
          failure: undefined,
        });
      });
    }
  }

  it('says why it does not: the tools are not there', async () => {
    const { failure } = await tryBackend('iptables-nft', 'redirect', { toolsDir: '/nowhere' });
    assert.match(failure ?? '', /^cannot find iptables-nft-restore in \/nowhere/);
  });

  it('leaves our own netns as it was', async () => {
    const own = { name: 'own', path: '/proc/self/ns/net' };
    const before = [await saved(own, 'iptables-nft'), readlinkSync(own.path)];
    await tryBackend('iptables-nft', 'tproxy', { toolsDir: undefined });
    assert.deepEqual([await saved(own, 'iptables-nft'), readlinkSync(own.path)], before);
  });
});
