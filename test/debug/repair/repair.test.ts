import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { command as census } from '../../../debug/census/census.ts';
import { command } from '../../../debug/repair/repair.ts';
import { hasRoot, inNetns, saved, scratchNetns } from '../../support/scratch.ts';
import { invoke, type Told } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

describe('repair', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();
  const node = nodeState({
    records: [() => addOf({}, { netns: { path: netns.path, inode: statSync(netns.path).ino } })],
    facts: [{}, { name: 'plain', uid: 'u2', proxy: { name: 'other' } }],
  });
  before(async () => {
    await inNetns(netns, ['ip', 'link', 'set', 'lo', 'up']);
    const choice = { schema: 1, backend: 'iptables-nft', evidence: [], chosenAt: 'then' };
    const found = { ...choice, kernel: '6.1', version: '0.1.0' };
    await writeFile(`${node.path()}/backend.json`, JSON.stringify(found));
  });
  const repair = (...args: string[]): Promise<Told> =>
    invoke(command, args, { place: { stateDir: node.path() } });

  it('tells what it would do, and does nothing: --dry-run', async () => {
    const { exitCode, text } = await repair('--all', '--dry-run');
    assert.equal(exitCode, 1);
    assert.match(
      text,
      /^default\/web-0 +would be programmed +the pod is to be .*\ndefault\/plain +right already$/m,
    );
    assert.doesNotMatch(await saved(netns, 'iptables-nft'), /ISTIO/);
  });

  it('programs what is missing, as read back from the kernel', async () => {
    const { exitCode, text } = await repair('web-0');
    assert.equal(exitCode, 0);
    assert.match(text, /^default\/web-0 +programmed +its traffic is redirected now/);
    assert.match(await saved(netns, 'iptables-nft'), /-A OUTPUT .*-j ISTIO_OUTPUT/);
    const { exitCode: found } = await invoke(census, [], { place: { stateDir: node.path() } });
    assert.equal(found, 0);
  });

  it('does nothing to a pod that is right', async () => {
    const { exitCode, text } = await repair('default/web-0');
    assert.deepEqual([exitCode, text], [0, 'default/web-0  right already\n']);
  });

  it('wants to be told which pods', async () => {
    await assert.rejects(repair(), { exitCode: 2 });
    await assert.rejects(repair('--all', 'web-0'), { exitCode: 2 });
    await assert.rejects(repair('web-9'), { exitCode: 3 });
  });
});
