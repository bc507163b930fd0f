import assert from 'node:assert/strict';
import fc from 'fast-check';

import { decide } from '../../../cni/redirect/decide.ts';
import { CniError, ErrorCode } from '../../../cni/spec/error.ts';
import { podFacts, type PodChanges } from '../../support/pod.ts';

const TRAFFIC = 'traffic.sidecar.istio.io/';
const keys = [
  'sidecar.istio.io/inject',
  'sidecar.istio.io/interceptionMode',
  'status.sidecar.istio.io/port',
  'istio.io/reroute-virtual-interfaces',
  `${TRAFFIC}includeOutboundIPRanges`,
  `${TRAFFIC}excludeOutboundIPRanges`,
  `${TRAFFIC}includeInboundPorts`,
  `${TRAFFIC}excludeInboundPorts`,
  `${TRAFFIC}includeOutboundPorts`,
  `${TRAFFIC}excludeOutboundPorts`,
  `${TRAFFIC}excludeInterfaces`,
  `${TRAFFIC}kubevirtInterfaces`,
  `${TRAFFIC}misspelled`,
];
const variables = [
  'DISABLE_ENVOY',
  'INVALID_DROP',
  'ISTIO_META_DNS_CAPTURE',
  'ISTIO_OUTBOUND_OWNER_GROUPS',
  'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE',
  'ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR',
];
/** Nearly right, so that every parser is entered, and anything at all. */
const text = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: fc.constantFrom('1', '80', ',', '-', '*', ' ', '.', '/', ':', '::', 'eth') }),
);

describe('planRedirect() refuses', () => {
  const wrong: [name: string, changes: PodChanges, message: string][] = [
    [
      'a port by name',
      { annotations: { [`${TRAFFIC}excludeInboundPorts`]: 'ssh' } },
      `annotation ${TRAFFIC}excludeInboundPorts: cannot parse port "ssh": expected an integer from 1 to 65535`,
    ],
    [
      '"*" among excluded ranges',
      { annotations: { [`${TRAFFIC}excludeOutboundIPRanges`]: '*' } },
      `annotation ${TRAFFIC}excludeOutboundIPRanges: cannot parse address range "*": expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32`,
    ],
    [
      'a wrong user of the proxy',
      { proxy: { runAsUser: -1 } },
      'securityContext of container istio-proxy: cannot parse user or group ID "-1": expected an integer from 0 to 4294967294',
    ],
    [
      'a flag without its value',
      { validationArgs: ['-z'] },
      'argument -z of container istio-validation: cannot parse port "": expected an integer from 1 to 65535',
    ],
    ...variables.map((key): [string, PodChanges, string] => [
      `${key} from elsewhere`,
      { env: { [key]: undefined } },
      `env ${key} of container istio-proxy: expected a literal value, as nobody knows yet what valueFrom or $(…) will stand for`,
    ]),
  ];
  for (const [name, changes, message] of wrong) {
    it(name, async () => {
      const { code, message: said, cause } = await failure(changes);
      assert.deepEqual([code, said, cause], [100, `cannot use ${message}`, undefined]);
    });
  }

  it('everything wrong at once, in one line that names all of it', async () => {
    const annotations = Object.fromEntries(keys.slice(1, -1).map((key) => [key, '\n,+']));
    const { message } = await failure({
      annotations,
      env: Object.fromEntries(variables.slice(3).map((key) => [key, 'x'])),
    });
    // The older name of the virtual interfaces is not looked at beside the newer one.
    for (const key of [...keys.slice(1, -2), ...variables.slice(3)])
      assert.ok(message.includes(key));
    assert.doesNotMatch(message, /\p{Cc}/u);
  });

  it('256 KiB in a few lines', async () => {
    const items = Array.from({ length: 2 ** 13 }, (_, i) => `port-number-${i}-of-the-server`);
    const annotations = { [`${TRAFFIC}excludeInboundPorts`]: items.join(',') };
    const { message } = await failure({ annotations });
    assert.ok(message.length < 1000 && message.endsWith(', and 8189 more'), message);
  });
});

describe('decide()', () => {
  it('makes a plan, a reason or error 100 of any text', async () => {
    const pods = fc.record({
      annotations: fc.dictionary(fc.constantFrom(...keys), text, { noNullPrototype: true }),
      env: fc.dictionary(fc.constantFrom(...variables), text, { noNullPrototype: true }),
      validationArgs: fc.array(fc.oneof(fc.constantFrom('-p', '-z', '-e', '-p=1'), text)),
      proxy: fc.record({ runAsUser: fc.option(fc.integer(), { nil: undefined }) }),
    });
    await fc.assert(
      fc.asyncProperty(pods, async ({ env, proxy, ...changes }) => {
        const pod = podFacts({ ...changes, env, proxy });
        const outcome = await decide(pod).catch((error: unknown) => error);
        if (outcome instanceof CniError) {
          assert.equal(outcome.code, ErrorCode.invalidAnnotation);
          assert.doesNotMatch(outcome.message, /\p{Cc}/u);
        } else {
          assert.ok(!(outcome instanceof Error), String(outcome));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes back what it tells as a setting', async () => {
    const port = fc.integer({ min: 1, max: 65535 });
    const ports = fc.array(port, { minLength: 1 }).map(String);
    const ranges = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { minLength: 1 }).map(String);
    const annotations = fc.record(
      {
        includeOutboundIPRanges: ranges,
        excludeOutboundIPRanges: ranges,
        includeInboundPorts: ports,
        includeOutboundPorts: ports,
        excludeOutboundPorts: ports,
      },
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(annotations, async (said) => {
        const first = await planned(said);
        const told = first.settings.filter(({ source }) => source.startsWith('annotation'));
        const again = await planned(
          Object.fromEntries(
            told.filter(({ name }) => name in said).map(({ name, value }) => [name, value]),
          ),
        );
        assert.deepEqual(again, { ...first, warnings: again.warnings });
      }),
      { numRuns: 30 },
    );
  });
});

async function planned(said: Readonly<Record<string, string>>) {
  const entries = Object.entries(said).map(([key, value]) => [TRAFFIC + key, value]);
  const decision = await decide(
    podFacts({ annotations: Object.fromEntries(entries) as typeof said }),
  );
  assert.equal(decision.action, 'redirect');
  return decision;
}

async function failure(changes: PodChanges): Promise<CniError> {
  const outcome: unknown = await decide(podFacts(changes)).catch((error: unknown) => error);
  assert.ok(outcome instanceof CniError);
  return outcome;
}
