import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { chain } from '../../install/conflist.ts';
import { createFiles } from '../../install/files.ts';
import { createInstallation } from '../../install/install.ts';
import { wantedEntry } from '../../install/observe.ts';
import { type Conflict, type Taken } from '../../install/state.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';

describe('another agent that keeps writing the primary', function () {
  this.timeout(60_000);
  const stop = new AbortController();
  let kept = Promise.resolve();
  afterEach(async () => {
    stop.abort();
    await kept;
  });
  const node = ground();
  const primary = '10-calico.conflist';
  const contents = (n: number): string =>
    fixture('calico.conflist').replace('"mtu": 0', `"mtu": ${n}`);

  it('is told, is not fought at full speed, and loses nothing', async () => {
    const taken: Taken[] = [];
    const conflicts: Conflict[] = [];
    let nowMs = 0;
    let looks = 0;
    const files = createFiles((operation) => {
      if (operation === 'readdir') looks += 1;
    });
    const installation = createInstallation(node.config(), {
      holder: 'agent-1',
      trial: async () => undefined,
      onStep: (step) => taken.push(step),
      onConflict: (conflict) => conflicts.push(conflict),
      settleMs: 10,
      files,
      now: () => nowMs,
    });
    node.write(primary, contents(1));
    kept = installation.keep(stop.signal);
    const [before, beganAt] = [process.cpuUsage(), performance.now()];
    const writes = 100;
    for (let n = 2; n <= writes; n += 1) {
      await sleep(100);
      nowMs += 100; // on a slow machine too, so that the last write is in the middle of a wait
      const seen = looks;
      node.write(primary, contents(n));
      while (looks === seen) await sleep(5);
    }
    while (installation.state().conflicts.length === 0) await sleep(1);
    const { user, system } = process.cpuUsage(before);
    const elapsedMs = performance.now() - beganAt;
    const { isComplete, reason, conflicts: known } = installation.state();
    const entries = taken.filter(({ cause }) => cause === 'entry-missing');

    assert.ok(entries.length < writes / 4, `${entries.length} of ${writes}`);
    assert.ok(conflicts.length > 0);
    assert.deepEqual([isComplete, known.map(({ cause }) => cause)], [false, ['entry-missing']]);
    assert.match(
      reason ?? '',
      /another agent keeps changing ".*10-calico.conflist": entry-missing, \d+ times/,
    );
    assert.ok(user + system < (elapsedMs * 1_000) / 2, `${user + system} µs`);

    nowMs += 60_000;
    while (!installation.isComplete()) await sleep(20);
    assert.equal(node.read(primary), chain(contents(writes), wantedEntry(node.config())));
  });

  it('is not overwritten with what it wrote before', async () => {
    node.write(primary, contents(1));
    const outcomes: string[] = [];
    let hasWritten = false;
    const files = createFiles((operation, path) => {
      if (operation !== 'chmod' || hasWritten || !path.includes('net.d')) return;
      hasWritten = true; // after it was read, and before it is replaced
      node.write(primary, contents(2));
    });
    const installation = createInstallation(node.config(), {
      holder: 'agent-1',
      trial: async () => undefined,
      files,
      onStep: ({ outcome, do: verb }) => outcomes.push(`${verb} ${outcome}`),
    });
    const { reason } = await installation.look();
    assert.match(reason ?? '', /is being written by its owner/);
    await installation.look();
    assert.deepEqual(outcomes, ['install done', 'write overtaken', 'write done']);
    assert.equal(node.read(primary), chain(contents(2), wantedEntry(node.config())));
  });
});
