import assert from 'node:assert/strict';
import { podState } from '../../../agent/census/state.ts';
import { doubleRules } from '../../support/held.ts';
import { addInterface, withNetns } from '../../support/holdings.ts';
import { type Netns } from '../../support/netns.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { istioInitRules } from '../../support/istioinit.ts';
import { kindsOf, lookAt, recordOf, redirect, runningPod } from './ground.ts';

describe('podState() in a real netns', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  interface Case {
    /** What somebody did to the netns of a pod that was redirected by its ADD. */
    readonly damage: (netns: Netns) => Promise<unknown>;
    readonly finds: readonly string[];
    readonly says: RegExp;
  }
  const sh = (netns: Netns, script: string): Promise<string> =>
    inNetns(netns, ['sh', '-ec', script]);
  const cases: Record<string, Case> = {
    'rules flushed': {
      damage: (netns) => sh(netns, 'nft flush ruleset'),
      finds: ['un-redirected'],
      says: /its netns holds no such rules/,
    },
    'IPv4 rules flushed': {
      damage: (netns) => sh(netns, 'iptables-nft -t nat -F; iptables-nft -t nat -X'),
      finds: ['partly-redirected'],
      says: /the ipv4 half of the redirection lacks all rules/,
    },
    'rules reordered': {
      damage: (netns) =>
        sh(
          netns,
          `rule=$(iptables-nft -t nat -S ISTIO_OUTPUT | sed -n 's/^-A ISTIO_OUTPUT //p' | tail -n 1)
          eval "iptables-nft -t nat -D ISTIO_OUTPUT $rule"
          eval "iptables-nft -t nat -I ISTIO_OUTPUT 1 $rule"`,
        ),
      finds: ['drifted'],
      says: /rule 1 of chain ISTIO_OUTPUT in table nat/,
    },
    'a rule removed': {
      damage: (netns) => sh(netns, 'ip6tables-nft -t nat -D ISTIO_INBOUND 1'),
      finds: ['drifted'],
      says: /^the ipv6 rules .* rule 1 of chain ISTIO_INBOUND in table nat is missing/,
    },
    'a rule in front': {
      damage: (netns) => sh(netns, 'iptables-nft -t nat -I OUTPUT 1 -j RETURN'),
      finds: ['foreign-in-front'],
      says: /rule 1 of chain OUTPUT in table nat is not ours and takes traffic away/,
    },
    'the rules in the other backend as well': {
      damage: doubleRules,
      finds: ['doubled'],
      says: /iptables-legacy holds rules of a mesh as well/,
    },
    'IPv6 rules flushed under a global address': {
      damage: async (netns) => {
        await addInterface(netns, ['2001:db8::5/64']);
        await sh(netns, 'ip6tables-nft -t nat -F; ip6tables-nft -t nat -X');
      },
      finds: ['ipv6-leak'],
      says: /the pod has 2001:db8::5, but no IPv6 rules/,
    },
    "the sidecar's address removed": {
      damage: async (netns) => {
        await addInterface(netns, ['2001:db8::5/64']);
        await sh(netns, 'ip -6 addr del ::6/128 dev lo');
      },
      finds: ['partly-redirected'],
      says: /the ipv6 half of the redirection lacks address ::6 on lo/,
    },
    'nothing but a rule of somebody else behind ours': {
      damage: (netns) => sh(netns, 'iptables-nft -t nat -A OUTPUT -p tcp --dport 25 -j ACCEPT'),
      finds: [],
      says: /^$/,
    },
  };
  for (const [name, { damage, finds, says }] of Object.entries(cases)) {
    it(`finds ${finds.join() || 'nothing'}: ${name}`, () =>
      withNetns(async (netns) => {
        await redirect(netns);
        const records = [await recordOf(netns)];
        assert.deepEqual(kindsOf(await lookAt(runningPod(), { records })), []);
        await damage(netns);
        const state = await lookAt(runningPod(), { records });
        assert.deepEqual(kindsOf(state), finds);
        assert.match(state.findings[0]?.sentence ?? '', says);
      }));
  }

  it('finds a repaired pod right again', () =>
    withNetns(async (netns) => {
      const records = [await recordOf(netns)];
      assert.deepEqual(kindsOf(await lookAt(runningPod(), { records })), ['un-redirected']);
      await redirect(netns);
      assert.equal((await lookAt(runningPod(), { records })).actual, 'redirected');
    }));

  it('finds rules of an istio-init in a pod that has none', () =>
    withNetns(async (netns) => {
      const restore = ['iptables-legacy-restore', '--noflush'];
      await inNetns(netns, restore, istioInitRules('ipv4'));
      const decision = { action: 'skip', reason: 'not-injected', warnings: [] } as const;
      const skipped = { outcome: 'skipped', decision, rules: undefined } as const;
      const records = [{ ...(await recordOf(netns)), ...skipped }];
      const state = await lookAt(runningPod(), { records });
      assert.deepEqual(kindsOf(state), ['redirected-unexpectedly']);
    }));

  it('leaves no legacy tables behind by looking', () =>
    withNetns(async (netns) => {
      await redirect(netns);
      await lookAt(runningPod(), { records: [await recordOf(netns)] });
      assert.equal(await sh(netns, 'cat /proc/net/ip_tables_names /proc/net/ip6_tables_names'), '');
    }));
});

describe('podState()', () => {
  it('finds a pod unknown that cannot even be searched for, and says why', async () => {
    const locate = (): Promise<never> => Promise.reject(new Error('EIO: i/o error, lstat'));
    const eyes = { look: (): Promise<never> => Promise.reject(new Error('not asked')) };
    const state = await podState(runningPod(), { locate, eyes, backend: 'iptables-nft' });
    assert.equal(state.actual, 'unknown');
    assert.match(
      state.findings.map(({ sentence }) => sentence).join('; '),
      /EIO: i\/o error, lstat$/,
    );
  });
});
