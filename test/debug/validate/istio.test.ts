import assert from 'node:assert/strict';
import { istioWords } from '../../../debug/validate/istio.ts';

const cases: readonly [string, string, string][] = [
  ['ports of Istio behind -o', '-o 5432', '-- -o 5432'],
  ['our own -o', '-o json -p 15001', '-o json -- -p 15001'],
  [
    'what the injector writes',
    'istio-iptables -p 15001 --run-validation --skip-rule-apply',
    '--run-validation --run-validation -- -p 15001 --skip-rule-apply',
  ],
  ['words that nobody knows yet', '--native-nftables --new=1', '-- --native-nftables --new=1'],
  ['seconds to wait', '--timeout 2 --timeout=3', '--timeout 2 --timeout=3 --'],
];

describe('istioWords()', () => {
  for (const [what, given, wanted] of cases) {
    it(`makes ours of ${what}`, () => {
      assert.equal(istioWords(given.split(' ')).join(' '), wanted);
    });
  }
});
