import assert from 'node:assert/strict';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type SavedTables } from '../../../cni/rules/saved.ts';
import { parseSaved } from '../../../cni/rules/saved.ts';
import { type Expected } from '../../../agent/census/finding.ts';
import { netnsFindings } from '../../../agent/census/findings.ts';
import { istioInitRules } from '../../support/istioinit.ts';
import { type PodChanges } from '../../support/pod.ts';
import { tablesOf } from '../../../debug/trace/tables.ts';
import { expectation, holding, type Redirect } from './expectation.ts';

const TPROXY = { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } };
const ISTIO = parseSaved(istioInitRules('ipv4'));

describe('netnsFindings()', () => {
  const kinds = (
    expected: Expected,
    holdings: ReturnType<typeof holding>,
    backend: Backend = 'iptables-nft',
  ): string[] => netnsFindings(expected, holdings, backend).map(({ kind }) => kind);

  interface Case {
    readonly pod?: PodChanges;
    readonly added?: Redirect['added'];
    readonly holds: (expected: Redirect) => ReturnType<typeof holding>;
    readonly finds: readonly string[];
  }
  const whole = ({ rules }: Redirect): Record<Family, SavedTables> => ({
    ipv4: tablesOf(rules.ipv4),
    ipv6: tablesOf(rules.ipv6),
  });
  const added = { backend: 'iptables-nft', families: ['ipv4', 'ipv6'] } as const;
  const onlyIpv4 = { backend: 'iptables-nft', families: ['ipv4'] } as const;
  const cases: Record<string, Case> = {
    'all as it should be': { holds: (it) => holding(whole(it)), finds: [] },
    'all as it should be, in the other backend': {
      holds: (it) => holding(undefined, { legacy: whole(it) }),
      finds: [],
    },
    nothing: { holds: () => holding(), finds: ['un-redirected'] },
    'nothing, and another mesh in the other backend': {
      added,
      holds: () => holding(undefined, { legacy: { ipv4: ISTIO, ipv6: [] } }),
      finds: ['un-redirected', 'doubled'],
    },
    'the same twice': {
      holds: (it) => holding(whole(it), { legacy: whole(it) }),
      finds: ['doubled'],
    },
    'IPv6 only': {
      holds: (it) => holding({ ...whole(it), ipv4: [] }),
      finds: ['partly-redirected'],
    },
    'IPv4 only, without an address to leak from': {
      holds: (it) => holding({ ...whole(it), ipv6: [] }),
      finds: [],
    },
    'IPv4 only, where the ADD had no IPv6 either': {
      added: onlyIpv4,
      holds: (it) => holding({ ...whole(it), ipv6: [] }),
      finds: [],
    },
    'IPv4 only, where the ADD had both': {
      added,
      holds: (it) => holding({ ...whole(it), ipv6: [] }),
      finds: ['partly-redirected'],
    },
    'IPv4 only, and an address to leak from': {
      added: onlyIpv4,
      holds: (it) => holding({ ...whole(it), ipv6: [] }, { addresses: ['2001:db8::5'] }),
      finds: ['ipv6-leak'],
    },
    'all but the address that the sidecar speaks from': {
      holds: (it) => holding(whole(it), { addresses: ['2001:db8::5'], passthrough: false }),
      finds: ['partly-redirected'],
    },
    'all that TPROXY needs': {
      pod: TPROXY,
      holds: (it) => holding(whole(it), { tproxy: true }),
      finds: [],
    },
    'all but the routes of TPROXY': {
      pod: TPROXY,
      holds: (it) => holding(whole(it)),
      finds: Array.from({ length: 4 }, () => 'partly-redirected'),
    },
  };
  for (const [name, { pod = {}, added: told, holds, finds }] of Object.entries(cases)) {
    it(`finds ${finds.join(', ') || 'nothing wrong'} where there is ${name}`, async () => {
      const expected = { ...(await expectation(pod)), added: told };
      assert.deepEqual(kinds(expected, holds(expected)), finds);
    });
  }

  it('looks in the backend of the ADD, not in the one chosen since', async () => {
    const expected = { ...(await expectation()), added };
    assert.deepEqual(kinds(expected, holding(whole(expected)), 'iptables-legacy'), []);
  });

  it('cannot tell what a wrong annotation wants', () => {
    const expected = { action: 'unknown', why: 'cannot read annotation' } as const;
    assert.deepEqual(kinds(expected, holding()), ['unknown']);
  });
});
