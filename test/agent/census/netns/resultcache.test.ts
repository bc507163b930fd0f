import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readResultCache } from '../../../../agent/census/netns/resultcache.ts';
import { temporaryDirectory } from '../../../cni/facts/serve.ts';

const result = {
  kind: 'cniCacheV1',
  containerId: 'c1',
  config: 'eyJ9',
  ifName: 'eth0',
  networkName: 'net',
  netns: '/var/run/netns/cni-1',
  cniArgs: [
    ['IgnoreUnknown', '1'],
    ['K8S_POD_NAME', 'web-0'],
    ['K8S_POD_UID', 'u1'],
  ],
  result: { cniVersion: '1.0.0' },
};

describe('readResultCache()', () => {
  const directory = temporaryDirectory();
  after(() => {
    directory.dispose();
  });

  it('reads what a runtime keeps, and passes over the rest', () => {
    const files: Record<string, string> = {
      'net-c1-eth0': JSON.stringify(result),
      'net-c2-eth0': JSON.stringify({ ...result, netns: undefined }),
      'net-c3-eth0': JSON.stringify({ ...result, cniArgs: [] }),
      'net-c4-eth0': JSON.stringify({ ...result, cniArgs: 'K8S_POD_UID' }),
      'net-c5-eth0': '{"kind": "cniCac',
      'net-c6-eth0': 'null',
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(`${directory.path}/${name}`, text);
    }
    mkdirSync(`${directory.path}/directory`);
    assert.deepEqual(readResultCache(directory.path), [
      { uid: 'u1', netns: '/var/run/netns/cni-1' },
    ]);
  });

  it('finds nothing where there is none', () => {
    assert.deepEqual(readResultCache('/nonexistent'), []);
  });
});
