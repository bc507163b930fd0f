import assert from 'node:assert/strict';
import { decide } from '../../../cni/redirect/decide.ts';
import { CniError, ErrorCode } from '../../../cni/spec/error.ts';
import { podFacts } from '../../support/pod.ts';

const TRAFFIC = 'traffic.sidecar.istio.io';

function list(length: number, item: (i: number) => string): string {
  return Array.from({ length }, (_, i) => item(i)).join(',');
}

const interfaces = (length: number): string => list(length, (i) => `v${i.toString(36)}`);
const ranges = (length: number): string => list(length, (i) => `10.${i >> 8}.${i & 255}.0/24`);
const ports = (length: number): string => list(length, (i) => String(1 + 2 * i));

describe("the size of a pod's lists", () => {
  const fit: Record<string, Record<string, string>> = {
    'many ports': { [`${TRAFFIC}/excludeOutboundPorts`]: ports(9_000) },
    'many ranges': { [`${TRAFFIC}/includeOutboundIPRanges`]: ranges(15_000) },
    'some interfaces for some ranges': {
      'istio.io/reroute-virtual-interfaces': interfaces(100),
      [`${TRAFFIC}/includeOutboundIPRanges`]: ranges(150),
    },
  };
  for (const [name, annotations] of Object.entries(fit)) {
    it(`lets pass ${name}`, async () => {
      assert.equal((await decide(podFacts({ annotations }))).action, 'redirect');
    });
  }

  const tooLarge: Record<string, Record<string, string>> = {
    'too many ports': { [`${TRAFFIC}/excludeOutboundPorts`]: ports(10_001) },
    'too many ports to capture': { [`${TRAFFIC}/includeInboundPorts`]: ports(10_001) },
    'too many interfaces': { [`${TRAFFIC}/excludeInterfaces`]: interfaces(5_001) },
    // Rules for all of them were 4 GB, and minutes, before the plugin was out of memory.
    'many interfaces for many ranges': {
      'istio.io/reroute-virtual-interfaces': interfaces(12_000),
      [`${TRAFFIC}/includeOutboundIPRanges`]: ranges(9_000),
    },
  };
  for (const [name, annotations] of Object.entries(tooLarge)) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(decide(podFacts({ annotations })), (error) => {
        assert.ok(error instanceof CniError);
        assert.equal(error.code, ErrorCode.invalidAnnotation);
        assert.match(error.message, /^cannot use the lists .* rules, expected at most 20000$/);
        return true;
      });
    });
  }
});
