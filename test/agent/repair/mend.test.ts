import assert from 'node:assert/strict';
import { type PodState } from '../../../agent/census/finding.ts';
import { type Pod } from '../../../agent/pod.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { doubleRules } from '../../support/held.ts';
import { addInterface } from '../../support/holdings.ts';
import { type Netns } from '../../support/netns.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { until } from '../until.ts';
import { type Clinic, openClinic } from './clinic.ts';
import { openWard, type Ward } from './ward.ts';

describe('repair in place', () => {
  const cleanup = createCleanup();
  let ward: Ward;
  let clinic: Clinic;

  before(function () {
    if (!hasRoot()) this.skip();
    ward = openWard(cleanup);
    clinic = openClinic(ward);
    cleanup.add(clinic.stop);
  });
  after(() => cleanup.run());

  const eventOf = ({ metadata }: Pod): string | undefined => {
    const event = clinic.events.find(({ pod }) => pod.uid === metadata.uid);
    return event && `${event.type} ${event.reason}: ${event.message}`;
  };
  const repaired = async (pod: Pod): Promise<PodState> => {
    clinic.take([await ward.look(pod)]);
    await until(() => eventOf(pod));
    return ward.look(pod);
  };

  const broken: Readonly<Record<string, (pod: Pod, netns: Netns) => Promise<unknown>>> = {
    'un-redirected': async () => undefined,
    'partly-redirected': async (pod, netns) => {
      await ward.redirect(pod);
      await inNetns(netns, ['nft', 'delete', 'table', 'ip', 'nat']);
    },
    'ipv6-leak': async (pod, netns) => {
      await ward.redirect(pod);
      await addInterface(netns, ['2001:db8::5/64']);
      await inNetns(netns, ['nft', 'delete', 'table', 'ip6', 'nat']);
    },
    drifted: async (pod, netns) => {
      await ward.redirect(pod);
      await inNetns(netns, ['iptables-nft', '-t', 'nat', '-F', 'ISTIO_OUTPUT']);
    },
    'foreign-in-front': async (pod, netns) => {
      await ward.redirect(pod);
      await inNetns(netns, ['iptables-nft', '-t', 'nat', '-I', 'OUTPUT', '1', '-j', 'RETURN']);
    },
    doubled: async (pod, netns) => {
      await ward.redirect(pod);
      await doubleRules(netns);
    },
  };
  for (const [kind, harm] of Object.entries(broken)) {
    it(`puts right what is ${kind}, reads it back and tells it`, async () => {
      const { pod, netns } = await ward.admit();
      await harm(pod, netns);
      const before = await ward.look(pod);
      assert.ok(
        before.findings.some((finding) => finding.kind === kind),
        JSON.stringify(before.findings),
      );
      assert.deepEqual((await repaired(pod)).findings, []);
      assert.match(
        eventOf(pod) ?? '',
        /^Normal RedirectionRepaired: its traffic is redirected now/,
      );
    });
  }
});
