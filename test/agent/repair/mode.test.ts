import assert from 'node:assert/strict';
import { cutPod } from '../../../agent/pod.ts';
import { modeOf } from '../../../agent/repair/mode.ts';
import { v1Pod } from '../../support/pod.ts';

describe('modeOf()', () => {
  const cases = { delete: 'delete', label: 'label', observe: 'observe', repair: 'repair' } as const;
  for (const [said, mode] of Object.entries(cases)) {
    it(`is what the pod says: ${said}`, () => {
      const pod = cutPod(v1Pod({ labels: { 'sluice.dev/repair': said } }));
      assert.equal(modeOf(pod, mode === 'observe' ? 'repair' : 'observe'), mode);
    });
  }

  it('is what the agent is told where the pod says nothing', () => {
    assert.equal(modeOf(cutPod(v1Pod()), 'label'), 'label');
  });

  for (const said of ['', 'Repair', 'restart', 'toString']) {
    it(`is what the agent is told where the pod says "${said}"`, () => {
      const pod = cutPod(v1Pod({ labels: { 'sluice.dev/repair': said } }));
      assert.equal(modeOf(pod, 'observe'), 'observe');
    });
  }
});
