import assert from 'node:assert/strict';
import { createHistory } from '../../../agent/history.ts';
import { command } from '../../../debug/history/history.ts';
import { runPlugin } from '../../support/plugin.ts';
import { attachmentRecord, keptRepair } from '../../support/records.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { invoke, type Told } from '../invoke.ts';

describe('history', function () {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  const node = site();
  const netns = scratchNetns();
  const history = (...args: string[]): Promise<Told> =>
    invoke(command, args, { place: { stateDir: node.stateDir() } });

  it('could not tell where nothing was recorded', async () => {
    await assert.rejects(history(), { exitCode: 3 });
  });

  it('knows an ADD of the plugin, and no agent', async () => {
    await runPlugin(node.add(netns.path));
    const { exitCode, text, value } = await history('web-0');
    assert.equal(exitCode, 0);
    assert.match(
      text,
      /^CALL +KIND +STARTED +POD +OUTCOME +MS +WHY\n\w{8} +add .* default\/web-0 +redirected /,
    );
    const { calls } = value as { calls: Record<string, unknown>[] };
    const [call] = calls;
    assert.equal(call?.containerId, 'container-1');
    assert.equal(call.current, true);
  });

  it('knows an ADD that failed, and says why', async () => {
    const add = node.add('/nonexistent/netns', { containerId: 'container-2' });
    await runPlugin(add);
    const { exitCode, text } = await history();
    assert.equal(exitCode, 1);
    assert.match(
      text,
      /default\/web-0 +failed +\d+ +code 3: cannot open netns "\/nonexistent\/netns"/,
    );
  });

  it('knows a pod that is gone, of what the agent kept', async () => {
    const record = node.record();
    assert.ok(record);
    const kept = createHistory({ stateDir: node.stateDir(), onFailure: assert.ifError });
    kept.keep(record);
    await kept.flush();
    await runPlugin(node.add(netns.path, { command: 'DEL' }));
    const { text } = await history();
    assert.match(text, /default\/web-0 \(gone\) +redirected/);
  });

  it('knows ADDs that failed before their pod was known, and repairs, of what the agent kept', async () => {
    const kept = createHistory({ stateDir: node.stateDir(), onFailure: assert.ifError });
    const error = { code: 6, msg: 'cannot decode', details: '' };
    const unread = { error, outcome: 'failed', facts: undefined, pod: undefined } as const;
    const [startedAt, phases] = ['2031-01-01T00:00:00.000Z', { start: 1, total: 1 }];
    kept.keep(attachmentRecord({ ...unread, containerId: '', startedAt, phases }));
    kept.keepRepair(keptRepair({ outcome: 'failed', startedAt: '2031-01-01T00:00:01.000Z' }));
    await kept.flush();
    const { exitCode, text, value } = await history('-n', '2');
    assert.equal(exitCode, 1);
    const [, repair, add] = text.split('\n');
    assert.match(
      repair ?? '',
      /^- +repair +2031-\S+ +default\/web-0 +failed .* repair: its traffic/,
    );
    assert.match(
      add ?? '',
      /^\w{8} +add +2031-\S+ +unknown \(gone\) +failed .* code 6: cannot decode$/,
    );
    const { calls } = value as { readonly calls: readonly { readonly kind: string }[] };
    assert.deepEqual(
      calls.map(({ kind }) => kind),
      ['repair', 'add'],
    );
    assert.match((await history('web-0')).text, /repair.*\n.*add/);
  });

  it('shows the newest ones first, and how many more there are', async () => {
    const { text } = await history('--limit', '1');
    assert.match(text, /failed/);
    assert.match(text, /and 3 before them/);
    await assert.rejects(history('--limit', 'x'), { exitCode: 2 });
  });
});
