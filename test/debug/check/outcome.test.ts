import assert from 'node:assert/strict';
import { type Evidence } from '../../../agent/trial.ts';
import { judgedBackends } from '../../../debug/check/backends.ts';
import { exitCodeOf, type Finding } from '../../../debug/check/outcome.ts';
import { judged, parseVersion } from '../../../debug/check/runtime.ts';

const verdicts: readonly [verdicts: readonly Finding['verdict'][], exitCode: number][] = [
  [['fine', 'warning'], 0],
  [['fine', 'unknown'], 3],
  [['unknown', 'problem'], 1],
  [[], 0],
];

describe('exitCodeOf()', () => {
  for (const [given, exitCode] of verdicts) {
    it(`is ${exitCode} for ${given.join(' and ') || 'nothing'}`, () => {
      const outcomes = given.map((verdict) => ({ id: verdict, verdict, says: '' }));
      assert.equal(exitCodeOf(outcomes), exitCode);
    });
  }
});

describe('judged()', () => {
  const containerd = { name: 'containerd', annotations: [1, 5] } as const;
  const cases: readonly [text: string, verdict: Finding['verdict']][] = [
    ['containerd github.com/containerd/containerd v1.4.13 9cc61520f4', 'warning'],
    ['containerd github.com/containerd/containerd v1.5.0 1', 'fine'],
    ['containerd containerd.io 2.0.1 88aa2f531d6c2922003cc7929e51daf1c14caa0a', 'fine'],
  ];
  for (const [text, verdict] of cases) {
    it(`calls "${text.slice(0, 60)}" ${verdict}`, () => {
      const version = parseVersion(text);
      assert.ok(version);
      assert.equal(judged(containerd, version).verdict, verdict);
    });
  }
});

describe('judgedBackends()', () => {
  const evidence = (backend: Evidence['backend'], ...failing: readonly string[]): Evidence[] =>
    (['redirect', 'dns', 'tproxy'] as const).map((trial) => ({
      ...{ backend, trial, families: ['ipv4', 'ipv6'], warnings: [] },
      failure: failing.includes(trial) ? `no ${trial}` : undefined,
    }));
  const all = ['redirect', 'dns', 'tproxy'];
  const cases: Readonly<Record<string, [Evidence[], Finding['verdict']]>> = {
    'both work': [[...evidence('iptables-nft'), ...evidence('iptables-legacy')], 'fine'],
    'one works': [[...evidence('iptables-nft', ...all), ...evidence('iptables-legacy')], 'fine'],
    'none does everything': [
      [...evidence('iptables-nft', 'tproxy'), ...evidence('iptables-legacy', ...all)],
      'warning',
    ],
    'none redirects': [
      [...evidence('iptables-nft', ...all), ...evidence('iptables-legacy', 'redirect')],
      'problem',
    ],
  };
  for (const [what, [given, verdict]] of Object.entries(cases)) {
    it(`is ${verdict} where ${what}`, () => {
      assert.equal(judgedBackends(given).verdict, verdict);
    });
  }
});
