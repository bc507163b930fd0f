import assert from 'node:assert/strict';
import { type BackendChoice } from '../../agent/backend.ts';
import { type About, type Condition, missing, status } from '../../agent/condition.ts';
import { VERSION } from '../../cni/version.ts';

const backend: BackendChoice = {
  schema: 1,
  backend: 'iptables-nft',
  evidence: [],
  chosenAt: '2026-01-02T03:04:05Z',
  kernel: '6.1',
  version: '1',
};
const installed = {
  keep: async () => undefined,
  release: async () => undefined,
  remove: async () => undefined,
  isComplete: () => true,
  state: () => ({ reason: 'no list' }),
};
const about: About = {
  nodeName: 'n1',
  socketPath: '/s',
  startedAt: '2026-01-02T03:04:05Z',
  installation: installed,
  knownPods: () => 3,
  waiting: () => ({ repairs: 1, events: 2, history: 3, facts: 4 }),
};
const well: Condition = {
  isListening: true,
  watch: { pods: new Map(), failure: undefined },
  backend,
  backendFailure: undefined,
  lastRepair: undefined,
};
const away = new Error('no answer', { cause: new Error('ECONNREFUSED') });

describe('missing()', () => {
  const cases: { what: string; changes: Partial<Condition>; reasons: string[] }[] = [
    { what: 'all is well', changes: {}, reasons: [] },
    {
      what: 'the API server is away, but was there',
      changes: { watch: { pods: new Map(), failure: away } },
      reasons: [],
    },
    {
      what: 'nobody can ask',
      changes: { isListening: false },
      reasons: ['nothing listens on /s yet'],
    },
    {
      what: 'the pods were never listed',
      changes: { watch: { pods: undefined, failure: away } },
      reasons: ['the pods of node n1 are not listed yet: no answer: ECONNREFUSED'],
    },
    {
      what: 'no backend works',
      changes: { backend: undefined, backendFailure: away },
      reasons: ['no backend is chosen yet: no answer: ECONNREFUSED'],
    },
    {
      what: 'it has just begun',
      changes: {
        isListening: false,
        watch: { pods: undefined, failure: undefined },
        backend: undefined,
      },
      reasons: [
        'nothing listens on /s yet',
        'the pods of node n1 are not listed yet',
        'no backend is chosen yet',
      ],
    },
  ];
  for (const { what, changes, reasons } of cases) {
    it(`names what is missing when ${what}`, () => {
      assert.deepEqual(missing({ ...well, ...changes }, about), reasons);
    });
  }

  it('names the plugin where it is not installed', () => {
    const installation = { ...installed, isComplete: () => false };
    assert.deepEqual(missing(well, { ...about, installation }), [
      'the plugin is not installed: no list',
    ]);
  });
});

describe('status()', () => {
  it('tells all of it', () => {
    const watch = { pods: new Map(), failure: away };
    assert.deepEqual(status({ ...well, watch }, about), {
      version: VERSION,
      nodeName: 'n1',
      startedAt: '2026-01-02T03:04:05Z',
      ready: true,
      missing: [],
      pods: { known: 3, listed: true, failure: 'no answer' },
      backend,
      lastRepair: undefined,
      waiting: { repairs: 1, events: 2, history: 3, facts: 4 },
      installed: true,
    });
  });
});
