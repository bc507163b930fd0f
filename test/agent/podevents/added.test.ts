import assert from 'node:assert/strict';
import { eventOfAdd } from '../../../agent/podevents/added.ts';
import { decide } from '../../../cni/redirect/decide.ts';
import { podFacts } from '../../support/pod.ts';
import { record } from '../record.ts';

describe('eventOfAdd()', () => {
  const pod = { namespace: 'default', name: 'web-0', uid: 'u0' };
  const added = async (): Promise<ReturnType<typeof record>> => ({
    ...record(),
    pod,
    outcome: 'redirected',
    decision: await decide(podFacts()),
    families: ['ipv4', 'ipv6'],
    warnings: [],
  });

  it('tells of a pod that is redirected', async () => {
    assert.deepEqual(eventOfAdd(await added()), {
      pod,
      type: 'Normal',
      reason: 'Redirected',
      message: 'its traffic is redirected to its sidecar: REDIRECT, IPv4 and IPv6',
    });
  });

  it('warns of what an operator should know beside', async () => {
    const event = eventOfAdd({ ...(await added()), families: ['ipv4'], warnings: ['no IPv6'] });
    assert.deepEqual(
      [event?.type, event?.message],
      ['Warning', 'its traffic is redirected to its sidecar: REDIRECT, IPv4; no IPv6'],
    );
  });

  for (const outcome of ['skipped', 'failed', 'pending'] as const) {
    it(`is silent about a pod that is ${outcome}`, async () => {
      assert.equal(eventOfAdd({ ...(await added()), outcome }), undefined);
    });
  }

  it('is silent where nobody knows which pod it was', async () => {
    assert.equal(eventOfAdd({ ...(await added()), pod: { ...pod, uid: undefined } }), undefined);
  });
});
