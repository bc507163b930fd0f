import assert from 'node:assert/strict';
import { addInterface } from '../support/holdings.ts';
import { errorResult, logged, runPlugin } from '../support/plugin.ts';
import { hasRoot, inNetns, scratchNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';

interface Drift {
  readonly done: string;
  /** In the message; undefined where the netns is still right. */
  readonly named: RegExp | undefined;
}

const nat = 'iptables-nft -t nat';
const drifts: Record<string, Drift> = {
  'nothing was done': { done: ':', named: undefined },
  'a rule is gone': {
    done: `${nat} -D ISTIO_OUTPUT 1`,
    named: /ipv4: rule 1 of chain ISTIO_OUTPUT in table nat is missing/,
  },
  'a rule of IPv6 is gone': {
    done: 'ip6tables-nft -t mangle -D ISTIO_INBOUND 2',
    named: /ipv6: rule 2 of chain ISTIO_INBOUND in table mangle is missing/,
  },
  'all rules are gone': { done: `${nat} -F`, named: /ipv4: rule 1 of chain/ },
  'a rule was moved': {
    done: `rule=$(${nat} -S ISTIO_OUTPUT 1); ${nat} -D ISTIO_OUTPUT 1; eval ${nat} "$rule"`,
    named: /ipv4: rule 1 of chain ISTIO_OUTPUT in table nat is missing/,
  },
  'a rule was added': {
    done: `${nat} -A ISTIO_REDIRECT -j RETURN`,
    named: /rule 2 of chain ISTIO_REDIRECT in table nat is not expected: "-j RETURN"/,
  },
  'a rule was changed': {
    done: `${nat} -R ISTIO_REDIRECT 1 -p tcp -j REDIRECT --to-ports 1`,
    named: /rule 1 of chain ISTIO_REDIRECT in table nat is ".*--to-ports 1" instead of/,
  },
  'a chain of a mesh was added': {
    done: `${nat} -N ISTIO_OTHER`,
    named: /chain ISTIO_OTHER in table nat is not expected/,
  },
  'a foreign rule in front takes traffic': {
    done: `${nat} -I OUTPUT 1 -p tcp -m tcp --dport 80 -j ACCEPT`,
    named: /rule 1 of chain OUTPUT in table nat is not ours and takes traffic away/,
  },
  'a foreign rule in front returns': {
    done: 'iptables-nft -t mangle -I PREROUTING 1 -p tcp -j RETURN',
    named: /rule 1 of chain PREROUTING in table mangle is not ours/,
  },
  'a foreign rule in front jumps to a chain that takes traffic': {
    done: `${nat} -N OTHER; ${nat} -A OTHER -j ACCEPT; ${nat} -I OUTPUT 1 -j OTHER`,
    named: /rule 1 of chain OUTPUT in table nat is not ours/,
  },
  'a foreign rule in front only counts': {
    done: `${nat} -I OUTPUT 1 -p tcp -m tcp --dport 80`,
    named: undefined,
  },
  'a foreign rule in front only marks': {
    done: `${nat} -I OUTPUT 1 -j MARK --set-mark 1`,
    named: undefined,
  },
  'a foreign rule stands behind': { done: `${nat} -A OUTPUT -j ACCEPT`, named: undefined },
  "the mark's rule is gone": {
    done: 'ip -4 rule del pref 133',
    named: /ipv4: the ip rule "from all fwmark 0x539 lookup 133" is missing/,
  },
  "the mark's route of IPv6 is gone": {
    done: 'ip -6 route flush table 133',
    named: /ipv6: the route "local default dev lo table 133" is missing/,
  },
  'the address ::6 is gone': {
    done: 'ip -6 addr del ::6/128 dev lo',
    named: /ipv6: the address ::6 on lo is missing/,
  },
};

describe('CHECK of a redirected pod', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site({ annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } });
  const netns = scratchNetns();
  before(() => addInterface(netns, ['10.1.0.2/16', '2001:db8::2/64']));
  const check = () => runPlugin(here.add(netns.path, { command: 'CHECK' }));

  for (const [name, { done, named }] of Object.entries(drifts)) {
    it(`${named ? 'fails' : 'passes'} where ${name}`, async () => {
      assert.equal((await runPlugin(here.add(netns.path))).exitCode, 0);
      await inNetns(netns, ['sh', '-ec', done]);
      const outcome = await check();
      if (named) {
        const { code, msg } = errorResult(outcome);
        assert.equal(code, 104, msg);
        assert.match(msg, named);
      } else {
        assert.deepEqual([outcome.exitCode, outcome.stdout], [0, '']);
      }
      // What belongs to others is theirs to remove.
      await inNetns(netns, ['sh', '-ec', `${nat} -F OUTPUT; iptables-nft -t mangle -F PREROUTING`]);
    });
  }

  it('logs nothing but what differs', async () => {
    assert.equal((await runPlugin(here.add(netns.path))).exitCode, 0);
    assert.deepEqual(logged(await check()), []);
    await inNetns(netns, ['sh', '-ec', `${nat} -D ISTIO_OUTPUT 1`]);
    assert.deepEqual(
      logged(await check()).map(({ code }) => code),
      [104],
    );
  });
});
