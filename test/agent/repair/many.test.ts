import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type PodState } from '../../../agent/census/finding.ts';
import { listRecords } from '../../../cni/record.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { heldRules } from '../../support/held.ts';
import { removeNetns } from '../../support/netns.ts';
import { hasRoot } from '../../support/scratch.ts';
import { until } from '../until.ts';
import { openClinic } from './clinic.ts';
import { openWard, type Ward } from './ward.ts';

describe('repair of many pods, and by many', function () {
  this.timeout(180_000);
  const cleanup = createCleanup();
  let ward: Ward;

  beforeEach(function () {
    if (!hasRoot()) this.skip();
    ward = openWard(cleanup);
  });
  afterEach(() => cleanup.run());

  const findings = async (): Promise<PodState[]> =>
    (await ward.lookAtAll()).filter(({ findings: found }) => found.length > 0);

  it('puts right the 50 of 250 pods that are broken, and touches no other', async () => {
    const admitted = [];
    for (let i = 0; i < 250; i += 1) {
      const annotations = { 'sidecar.istio.io/inject': 'false' };
      // One in five is broken, two are as they should be, two are not to be redirected.
      const one = await ward.admit(i % 5 < 3 ? {} : { annotations });
      if (i % 5 === 1 || i % 5 === 2) await ward.redirect(one.pod);
      admitted.push(one);
    }
    const clinic = openClinic(ward);
    cleanup.add(clinic.stop);
    clinic.take(await ward.lookAtAll());
    await until(() => clinic.events.length === 50);
    assert.deepEqual(await findings(), []);
    assert.match(await clinic.metrics(), /\{action="repair",outcome="done"\} 50$/m);
    for (const [i, { netns }] of admitted.entries()) {
      if (i % 50 === 3) assert.deepEqual(await heldRules(netns, 'iptables-nft'), []);
    }
    const broken = admitted.filter((_, i) => i % 5 === 0).map(({ pod }) => pod.metadata.uid);
    const told = clinic.events.map(({ pod }) => pod.uid);
    assert.deepEqual(told.sort(), broken.sort());
  });

  it('ends in the same rules where two do it at once', async () => {
    const { pod, netns } = await ward.admit();
    const alone = await ward.admit();
    await ward.redirect(alone.pod);
    const clinics = [openClinic(ward), openClinic(ward)];
    for (const { stop } of clinics) cleanup.add(stop);
    const state = await ward.look(pod);
    for (const clinic of clinics) clinic.take([state]);
    // Not until nothing is found: that is so, too, before the rules of IPv6 are there, of which this pod has no address.
    await until(() => clinics.every(({ waiting }) => waiting() === 0));
    for (const { stop } of clinics) await stop();
    assert.deepEqual(
      await heldRules(netns, 'iptables-nft'),
      await heldRules(alone.netns, 'iptables-nft'),
    );
    assert.deepEqual(await findings(), []);
  });

  it('makes no noise about a pod that is deleted meanwhile', async () => {
    const { pod, netns } = await ward.admit();
    let looks = 0;
    const clinic = openClinic(ward, {
      look: async (patient) => {
        looks += 1;
        const state = await ward.look(patient);
        // The runtime is quicker than the repair.
        await removeNetns(netns.name);
        rmSync(`${ward.resultsDir}/net-${netns.name}-eth0`, { force: true });
        ward.discharge(patient);
        return state;
      },
    });
    cleanup.add(clinic.stop);
    clinic.take([await ward.look(pod)]);
    await until(async () => (await clinic.metrics()).includes('outcome="gone"} 1'));
    assert.equal(looks, 1);
    assert.deepEqual([clinic.events, clinic.lines, listRecords(ward.stateDir)], [[], [], []]);
  });

  it('treats a pod that was made anew under the same name as another', async () => {
    const first = await ward.admit({ name: 'web-0' });
    const clinic = openClinic(ward);
    cleanup.add(clinic.stop);
    clinic.take([await ward.look(first.pod)]);
    await until(() => clinic.events.length === 1);
    ward.discharge(first.pod);
    await removeNetns(first.netns.name);
    const second = await ward.admit({ name: 'web-0' });
    clinic.take([await ward.look(second.pod)]);
    await until(() => clinic.events.length === 2);
    assert.deepEqual((await ward.look(second.pod)).findings, []);
  });
});
