import assert from 'node:assert/strict';
import { pino } from 'pino';
import { createEvents, type TakeEvent } from '../../agent/events.ts';
import { createMetrics, type Metrics } from '../../agent/metrics.ts';
import { record } from './record.ts';

describe('createEvents()', () => {
  let lines: Record<string, unknown>[];
  let metrics: Metrics;
  let now: number;
  let take: TakeEvent;

  beforeEach(() => {
    lines = [];
    now = 0;
    metrics = createMetrics(() => 0);
    const write = (text: string): void => {
      lines.push(JSON.parse(text) as Record<string, unknown>);
    };
    const log = pino({ name: 'sluice-agent', base: {}, timestamp: false }, { write });
    take = createEvents({ log, metrics, burst: 2, refillMs: 1_000, clock: () => now });
  });

  it('makes a record a line of the plugin, without its rules', () => {
    assert.equal(take(JSON.stringify(record())), 'taken');
    assert.deepEqual(lines, [
      {
        level: 30,
        name: 'sluice-cni',
        containerId: 'c1',
        ifName: 'eth0',
        pod: { namespace: 'default', name: 'web-0', uid: 'u1' },
        decision: 'own-agent',
        netns: { path: '/run/netns/a' },
        families: [],
        phases: { start: 20, facts: 5, odd: 1 },
        warnings: [],
        msg: 'skipped',
      },
    ]);
  });

  const levels = [
    { changes: { warnings: ['a foreign rule'] }, level: 40 },
    { changes: { outcome: 'failed', error: { code: 101, msg: 'no', details: '' } }, level: 50 },
  ] as const;
  for (const { changes, level } of levels) {
    it(`logs at level ${level}: ${Object.keys(changes).join(', ')}`, () => {
      take(JSON.stringify({ ...record(), ...changes }));
      assert.equal(lines[0]?.level, level);
    });
  }

  it('counts ADDs by decision and outcome, and their seconds by phase', async () => {
    take(JSON.stringify(record()));
    const text = await metrics.render();
    assert.match(text, /^sluice_adds_total\{decision="own-agent",outcome="skipped"\} 1$/m);
    assert.match(text, /^sluice_add_seconds_sum\{phase="start"\} 0.02$/m);
    assert.match(text, /^sluice_add_seconds_count\{phase="facts"\} 1$/m);
  });

  it('takes no label from outside', async () => {
    const decision = { action: 'skip', reason: 'whatever' };
    take(JSON.stringify({ ...record(), decision, phases: { '{odd}': 1, start: 'x', facts: -1 } }));
    const text = await metrics.render();
    assert.doesNotMatch(text, /odd|whatever/);
    assert.match(text, /^sluice_adds_total\{decision="none",outcome="skipped"\} 1$/m);
    assert.doesNotMatch(text, /^sluice_add_seconds_count/m);
  });

  it('passes a log line on, its fields apart from ours', () => {
    take('{"level":50,"msg":"not recorded","time":5,"pid":7,"reason":"full"}');
    const plugin = { time: 5, pid: 7, reason: 'full' };
    assert.deepEqual(lines, [{ level: 50, name: 'sluice-cni', plugin, msg: 'not recorded' }]);
  });

  it('lets no line break out, nor grow without end', () => {
    take(JSON.stringify({ msg: `a\n{"level":60}${'x'.repeat(9_000)}`, huge: 'y'.repeat(9_000) }));
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.plugin, 'too long');
    assert.equal(String(lines[0].msg).length, 4_000);
  });

  for (const body of ['', 'no JSON', '[]', '{}', '{"msg":5}', 'null', '{"schema":1}']) {
    it(`refuses ${JSON.stringify(body)}`, async () => {
      assert.equal(take(body), 'unreadable');
      assert.deepEqual(lines, []);
      const text = await metrics.render();
      assert.match(text, /^sluice_events_dropped_total\{reason="unreadable"\} 1$/m);
    });
  }

  it('takes so many at a time, and again after a while', async () => {
    const line = '{"msg":"hello"}';
    assert.deepEqual([take(line), take(line), take(line)], ['taken', 'taken', 'full']);
    now = 500;
    assert.deepEqual([take(line), take(line)], ['taken', 'full']);
    const text = await metrics.render();
    assert.match(text, /^sluice_events_dropped_total\{reason="too-many"\} 2$/m);
  });
});
