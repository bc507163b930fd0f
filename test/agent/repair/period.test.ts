import assert from 'node:assert/strict';
import { type Pod } from '../../../agent/pod.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { addInterface } from '../../support/holdings.ts';
import { type Netns } from '../../support/netns.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { servedApi } from '../apiserver.ts';
import { until } from '../until.ts';
import { startOn } from './onward.ts';
import { openWard, type Ward } from './ward.ts';

interface Damage {
  readonly script: string;
  /** What the Event says that it was. */
  readonly says: RegExp;
}

/** What somebody does to pods that an agent has found right. Nothing but its next census can tell it. */
const damages: Readonly<Record<string, Damage>> = {
  'flushed rules': {
    script: 'nft flush ruleset',
    says: /before: .*its netns holds no such rules/,
  },
  'rules in another order': {
    script: `rule=$(iptables-nft -t nat -S ISTIO_OUTPUT | sed -n 's/^-A ISTIO_OUTPUT //p' | tail -n 1)
      eval "iptables-nft -t nat -D ISTIO_OUTPUT $rule"
      eval "iptables-nft -t nat -I ISTIO_OUTPUT 1 $rule"`,
    says: /before: the ipv4 rules .* rule 1 of chain ISTIO_OUTPUT in table nat/,
  },
  'a rule in front of them': {
    script: 'iptables-nft -t nat -I OUTPUT 1 -j RETURN',
    says: /before: .*rule 1 of chain OUTPUT in table nat is not ours and takes traffic away/,
  },
  'IPv6 rules that are gone': {
    script: 'ip6tables-nft -t nat -F; ip6tables-nft -t nat -X',
    says: /before: .*the pod has 2001:db8::5, but no IPv6 rules/,
  },
};

describe('an agent finds and repairs within its period', () => {
  const cleanup = createCleanup();
  const patients = new Map<string, { readonly pod: Pod; readonly netns: Netns }>();
  let ward: Ward;
  let messagesOf: (pod: Pod) => string[];

  before(async function () {
    if (!hasRoot()) this.skip();
    const { server } = await servedApi(cleanup);
    ward = openWard(cleanup);
    for (const name of Object.keys(damages)) {
      const patient = await ward.admit();
      await addInterface(patient.netns, ['2001:db8::5/64']);
      await ward.redirect(patient.pod);
      const { uid } = patient.pod.metadata;
      server.history.set({ name: uid, uid });
      patients.set(name, patient);
    }
    messagesOf = ({ metadata: { uid } }) =>
      server.writes
        .bodies('/events')
        .filter(({ involvedObject }) => (involvedObject as { uid: string }).uid === uid)
        .map(({ reason, message }) => `${String(reason)}: ${String(message)}`);
    const agent = startOn(ward, server.access, { env: { SLUICE_CENSUS_SECONDS: '1' }, cleanup });
    const right = `sluice_pods{expected="redirect",actual="redirected"} ${patients.size}\n`;
    await until(async () => (await agent.get('/metrics')).includes(right));
  });
  after(() => cleanup.run());

  for (const [name, { script, says }] of Object.entries(damages)) {
    it(name, async () => {
      const patient = patients.get(name);
      assert.ok(patient);
      const { pod, netns } = patient;
      assert.deepEqual(messagesOf(pod), []);
      await inNetns(netns, ['sh', '-ec', script]);
      await until(() => messagesOf(pod).length > 0);
      const [message = ''] = messagesOf(pod);
      assert.match(message, /^RedirectionRepaired: /);
      assert.match(message, says);
      assert.deepEqual((await ward.look(pod)).findings, []);
    });
  }
});
