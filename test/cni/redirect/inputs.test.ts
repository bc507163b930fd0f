import assert from 'node:assert/strict';

import { decide } from '../../../cni/redirect/decide.ts';
import { type Setting } from '../../../cni/redirect/settings.ts';
import { container, podFacts, type PodChanges } from '../../support/pod.ts';

const TRAFFIC = 'traffic.sidecar.istio.io/';
const PROXY = 'of container istio-proxy';

const defaults: [name: string, value: string][] = [
  ['inject', 'true'],
  ['proxyDisabled', 'false'],
  ['interceptionMode', 'REDIRECT'],
  ['proxyUid', '1337'],
  ['proxyGid', '1337'],
  ['outboundPort', '15001'],
  ['inboundPort', '15006'],
  ['tunnelPort', '15008'],
  ['includeInboundPorts', '*'],
  ['excludeInboundPorts', '15020-15021,15090'],
  ['includeOutboundIPRanges', '*'],
  ['excludeOutboundIPRanges', ''],
  ['includeOutboundPorts', ''],
  ['excludeOutboundPorts', '15020'],
  ['excludeInterfaces', ''],
  ['virtualInterfaces', ''],
  ['includeOwnerGroups', '*'],
  ['excludeOwnerGroups', ''],
  ['loopbackCidr', '127.0.0.1/32'],
  ['captureDns', 'false'],
  ['dropInvalid', 'false'],
];

describe('planRedirect()', () => {
  it('tells every setting', async () => {
    const expected = defaults.map(([name, value]) => ({ name, value, source: 'default' }));
    assert.deepEqual(await settings({}), expected);
  });

  const annotated: [key: string, text: string, name: string, value: string][] = [
    ['sidecar.istio.io/inject', 'true', 'inject', 'true'],
    ['sidecar.istio.io/interceptionMode', 'TPROXY', 'interceptionMode', 'TPROXY'],
    [`${TRAFFIC}includeInboundPorts`, '*', 'includeInboundPorts', '*'],
    [`${TRAFFIC}includeOutboundIPRanges`, '10.0.0.1', 'includeOutboundIPRanges', '10.0.0.1/32'],
    [`${TRAFFIC}includeOutboundIPRanges`, '', 'includeOutboundIPRanges', ''],
    [`${TRAFFIC}excludeOutboundIPRanges`, 'fd00::/8', 'excludeOutboundIPRanges', 'fd00::/8'],
    [`${TRAFFIC}includeOutboundPorts`, '80, 443', 'includeOutboundPorts', '80,443'],
    [`${TRAFFIC}includeOutboundPorts`, '*', 'includeOutboundPorts', '*'],
    [`${TRAFFIC}excludeOutboundPorts`, '8000-8010', 'excludeOutboundPorts', '8000-8010'],
    [`${TRAFFIC}excludeOutboundPorts`, '', 'excludeOutboundPorts', ''],
    [`${TRAFFIC}excludeOutboundPorts`, '*', 'excludeOutboundPorts', '*'],
    [`${TRAFFIC}excludeInterfaces`, 'net1,eth1', 'excludeInterfaces', 'eth1,net1'],
    [`${TRAFFIC}kubevirtInterfaces`, 'net1', 'virtualInterfaces', 'net1'],
    ['istio.io/reroute-virtual-interfaces', 'net1', 'virtualInterfaces', 'net1'],
  ];
  for (const [key, text, name, value] of annotated) {
    it(`reads annotation ${key}: "${text}"`, async () => {
      const annotations = { [key]: text };
      assert.deepEqual(await differing({ annotations }), [
        { name, value, source: `annotation ${key}` },
      ]);
    });
  }

  const said: [changes: PodChanges, name: string, value: string, source: string][] = [
    [
      { labels: { 'sidecar.istio.io/inject': 'true' } },
      'inject',
      'true',
      'label sidecar.istio.io/inject',
    ],
    [{ proxy: { runAsUser: 5 } }, 'proxyUid', '5', `securityContext ${PROXY}`],
    [{ proxy: { runAsUser: 5 }, runAsUser: 6 }, 'proxyUid', '5', `securityContext ${PROXY}`],
    [{ runAsUser: 6 }, 'proxyUid', '6', 'securityContext of the pod'],
    [{ proxy: { runAsGroup: 5 } }, 'proxyGid', '5', `securityContext ${PROXY}`],
    [{ runAsGroup: 6 }, 'proxyGid', '6', 'securityContext of the pod'],
    ...(
      [
        [['-p', '1'], 'outboundPort', '-p'],
        [['--envoy-port=1'], 'outboundPort', '-p'],
        [['-z=1'], 'inboundPort', '-z'],
        [['--inbound-capture-port', '1'], 'inboundPort', '-z'],
        [['-e', '1'], 'tunnelPort', '-e'],
        [['--inbound-tunnel-port=1'], 'tunnelPort', '-e'],
      ] as const
    ).map(([validationArgs, name, flag]): [PodChanges, string, string, string] => [
      { validationArgs },
      name,
      '1',
      `argument ${flag} of container istio-validation`,
    ]),
    ...(
      [
        ['DISABLE_ENVOY', 'false', 'proxyDisabled', 'false'],
        ['ISTIO_META_DNS_CAPTURE', 'true', 'captureDns', 'true'],
        ['INVALID_DROP', '1', 'dropInvalid', 'true'],
        ['ISTIO_OUTBOUND_OWNER_GROUPS', '*', 'includeOwnerGroups', '*'],
        ['ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE', '9', 'excludeOwnerGroups', '9'],
        ['ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR', '127.0.0.0/8', 'loopbackCidr', '127.0.0.0/8'],
      ] as const
    ).map(([key, text, name, value]): [PodChanges, string, string, string] => [
      { env: { [key]: text } },
      name,
      value,
      `env ${key} ${PROXY}`,
    ]),
  ];
  for (const [changes, name, value, source] of said) {
    it(`reads ${source}: ${JSON.stringify(changes)}`, async () => {
      assert.deepEqual(await differing(changes), [{ name, value, source }]);
    });
  }

  const unsaid: [name: string, changes: PodChanges][] = [
    ['root as the proxy', { proxy: { runAsUser: 0, runAsGroup: 0 }, runAsUser: 5, runAsGroup: 5 }],
    ['dual stack, as both families are redirected anyway', { env: { ISTIO_DUAL_STACK: 'true' } }],
    [
      'the environment of other containers',
      { others: [container('db', { env: [{ name: 'INVALID_DROP', value: 'true' }] })] },
    ],
  ];
  for (const [name, changes] of unsaid) {
    it(`leaves the defaults for ${name}`, async () => {
      assert.deepEqual(await differing(changes), []);
    });
  }

  it('prefers the newer name of the virtual interfaces, even if it is empty', async () => {
    const key = 'istio.io/reroute-virtual-interfaces';
    const annotations = { [key]: '', [`${TRAFFIC}kubevirtInterfaces`]: 'net1' };
    assert.deepEqual(await differing({ annotations }), [
      { name: 'virtualInterfaces', value: '', source: `annotation ${key}` },
    ]);
  });
});

async function settings(changes: PodChanges): Promise<readonly Setting[]> {
  const decision = await decide(podFacts(changes));
  assert.equal(decision.action, 'redirect');
  return decision.settings;
}

async function differing(changes: PodChanges): Promise<readonly Setting[]> {
  return (await settings(changes)).filter(({ source }) => source !== 'default');
}
