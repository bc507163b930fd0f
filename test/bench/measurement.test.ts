import assert from 'node:assert/strict';
import {
  type CaseName,
  type Measurement,
  type Measurements,
  targets,
} from '../../bench/measurement.ts';

/** A run in which each target is just reached. */
const atTheLimit: Record<CaseName, Measurement> = {
  empty: taking(20),
  VERSION: taking(23),
  'un-meshed ADD': taking(26),
  'meshed ADD': { ...taking(33), children: 4 },
  DEL: taking(25),
  restores: { ...taking(4), children: 2 },
  '20 meshed ADDs at once': { ...taking(300), children: undefined },
};

describe('targets()', () => {
  it('are reached at the limit', () => {
    assert.deepEqual(missed({}), []);
  });

  const cases: [name: CaseName, change: Partial<Measurement>, missed: string][] = [
    ['VERSION', { ms: [23.1] }, 'VERSION / empty'],
    ['un-meshed ADD', { ms: [27] }, 'un-meshed ADD / VERSION'],
    ['un-meshed ADD', { children: 1 }, 'processes started by an un-meshed ADD'],
    ['meshed ADD', { ms: [33.1] }, '(meshed ADD - VERSION) / restores'],
    ['meshed ADD', { children: 5 }, 'processes started by a meshed ADD'],
    ['meshed ADD', { children: undefined }, 'processes started by a meshed ADD'],
    ['DEL', { failures: 1 }, 'failures, one at a time'],
    ['20 meshed ADDs at once', { failures: 1 }, 'failures, 20 at once'],
  ];
  for (const [name, change, expected] of cases) {
    it(`are missed when ${name} has ${JSON.stringify(change)}`, () => {
      assert.deepEqual(
        missed({ [name]: { ...atTheLimit[name], ...change } }).map((text) => text.split(':')[0]),
        [expected],
      );
    });
  }

  it('cannot be said of what was not measured', () => {
    assert.throws(() => targets(new Map()), RangeError);
  });
});

function taking(ms: number): Measurement {
  return { ms: [ms, ms, ms], children: 0, rssMb: 40, failures: 0 };
}

function missed(changes: Partial<Record<CaseName, Measurement>>): string[] {
  const all: Measurements = new Map(
    Object.entries({ ...atTheLimit, ...changes }) as [CaseName, Measurement][],
  );
  return targets(all)
    .filter(({ reached }) => !reached)
    .map(({ text }) => text);
}
