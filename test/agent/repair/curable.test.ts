import assert from 'node:assert/strict';
import { type Expected, type Finding, type PodState } from '../../../agent/census/finding.ts';
import { cutPod } from '../../../agent/pod.ts';
import { curable, incurable, sentenceOf } from '../../../agent/repair/curable.ts';
import { unredirected } from '../../support/patient.ts';
import { v1Pod } from '../../support/pod.ts';

const { state } = unredirected(cutPod(v1Pod()));
const sentence = 's';
const bypass: Finding = { kind: 'un-redirected', sentence };
const app: Finding = { kind: 'proxy-uid-app', container: 'app', uid: 1337, sentence };
const unknown: Finding = { kind: 'unknown', why: 'w', sentence };
const unexpected: Finding = {
  ...{ kind: 'redirected-unexpectedly', sentence },
  ...{ reason: 'injection-disabled', backend: 'iptables-nft' },
};

describe('curable() and incurable()', () => {
  const skip: Expected = { action: 'skip', reason: 'injection-disabled' };
  const cases: Readonly<Record<string, [Partial<PodState>, number, number]>> = {
    'a pod that is right': [{ findings: [] }, 0, 0],
    'a pod without its rules': [{ findings: [bypass] }, 1, 0],
    'an app that runs as the proxy': [{ findings: [app] }, 0, 1],
    'both of them': [{ findings: [bypass, app] }, 1, 1],
    'what cannot be looked at': [{ findings: [unknown] }, 0, 0],
    'rules that should not be there': [{ findings: [unexpected] }, 0, 0],
    'a pod that is not to be redirected': [{ expected: skip, findings: [bypass, app] }, 0, 0],
    'a wrong annotation': [
      { expected: { action: 'unknown', why: 'w' }, findings: [unknown] },
      0,
      0,
    ],
  };
  for (const [name, [changes, ...expected]] of Object.entries(cases)) {
    it(`know ${name}`, () => {
      const found = { ...state, ...changes };
      assert.deepEqual([curable(found).length, incurable(found).length], expected);
    });
  }
});

describe('sentenceOf()', () => {
  it('says all that was found', () => {
    assert.equal(sentenceOf([bypass, { ...app, sentence: 't' }]), 's; t');
  });
});
