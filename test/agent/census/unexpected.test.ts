import assert from 'node:assert/strict';
import { type UntouchedReason } from '../../../agent/census/finding.ts';
import { netnsFindings } from '../../../agent/census/findings.ts';
import { parseSaved, type SavedTables } from '../../../cni/rules/saved.ts';
import { istioInitRules } from '../../support/istioinit.ts';
import { tablesOf } from '../../../debug/trace/tables.ts';
import { expectation, holding } from './expectation.ts';

const ISTIO = parseSaved(istioInitRules('ipv4'));
const AMBIENT = parseSaved(
  '*nat\n:PREROUTING ACCEPT [0:0]\n:ISTIO_PRERT - [0:0]\n-A PREROUTING -j ISTIO_PRERT\nCOMMIT\n',
);
const FOREIGN = parseSaved('*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j ACCEPT\nCOMMIT\n');

describe('netnsFindings() of a pod that is not to be redirected', () => {
  let ours: SavedTables;
  before(async () => {
    ours = tablesOf((await expectation()).rules.ipv4);
  });

  const cases: [held: string, reason: UntouchedReason, isWrong: boolean][] = [
    ['nothing', 'not-injected', false],
    ['ours', 'not-injected', true],
    ['ours', 'interception-none', true],
    ['ours', 'init-container-redirects', true],
    ['istio', 'not-injected', true],
    ['istio', 'gateway', true],
    ['istio', 'init-container-redirects', false],
    ['ambient', 'not-injected', false],
    ['foreign', 'not-injected', false],
  ];
  for (const [held, reason, isWrong] of cases) {
    for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
      it(`${isWrong ? 'finds' : 'accepts'} ${held} rules in ${backend}: ${reason}`, () => {
        const tables = { nothing: [], ours, istio: ISTIO, ambient: AMBIENT, foreign: FOREIGN };
        const rules = {
          ipv4: Object.entries(tables).find(([name]) => name === held)?.[1] ?? [],
          ipv6: [],
        };
        const holdings =
          backend === 'iptables-nft' ? holding(rules) : holding(undefined, { legacy: rules });
        assert.deepEqual(
          netnsFindings({ action: 'skip', reason }, holdings, 'iptables-nft'),
          isWrong ? [{ kind: 'redirected-unexpectedly', reason, backend }] : [],
        );
      });
    }
  }
});
