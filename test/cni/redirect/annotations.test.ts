import assert from 'node:assert/strict';

import { unknownAnnotations } from '../../../cni/redirect/annotations.ts';

const PREFIX = 'traffic.sidecar.istio.io/';

describe('unknownAnnotations()', () => {
  it('names the annotation that was meant', () => {
    assert.deepEqual(unknownAnnotations([`${PREFIX}excludeInboundPort`]), [
      `ignored unknown annotation "${PREFIX}excludeInboundPort": nearest known one is "${PREFIX}excludeInboundPorts"`,
    ]);
  });

  it('leaves known ones and those of others alone', () => {
    const known = ['includeInboundPorts', 'kubevirtInterfaces', 'excludeInterfaces'];
    const others = ['sidecar.istio.io/status', 'example.com/excludeInboundPort'];
    assert.deepEqual(unknownAnnotations([...known.map((key) => PREFIX + key), ...others]), []);
  });

  it('tells five', () => {
    const keys = Array.from({ length: 9 }, (_, i) => `${PREFIX}key${i}`);
    assert.equal(unknownAnnotations(keys).length, 5);
  });
});
