import assert from 'node:assert/strict';

import { decide } from '../../../cni/redirect/decide.ts';
import {
  type BeforeFacts,
  type SkipReason,
  SKIP_REASONS,
  skipBeforeFacts,
} from '../../../cni/redirect/skip.ts';
import { container, podFacts, type PodChanges } from '../../support/pod.ts';

const INJECT = 'sidecar.istio.io/inject';
const meshed = { 'sidecar.istio.io/status': '{}' };
const web = { namespace: 'default', name: 'web-0' };
const agent = { namespace: 'sluice-system', name: 'sluice-agent-x7k2p' };

describe('skipBeforeFacts()', () => {
  const cases: [name: string, before: Partial<BeforeFacts>, reason: SkipReason | undefined][] = [
    ['a container without a pod', { pod: undefined }, 'not-kubernetes'],
    ['the agent', { pod: agent }, 'own-agent'],
    ['the agent as an un-meshed pod', { pod: agent, podAnnotations: { a: 'b' } }, 'own-agent'],
    ['a meshed pod named as the agent', { pod: agent, podAnnotations: meshed }, undefined],
    ['the agent elsewhere', { pod: agent, agentNamespace: 'mesh' }, undefined],
    ['another pod beside the agent', { pod: { ...agent, name: 'sluice-web' } }, undefined],
    ['an excluded namespace', { excludeNamespaces: ['default'] }, 'namespace-excluded'],
    ['a pod of another namespace', { excludeNamespaces: ['default-2'] }, undefined],
    ['annotations without a status', { podAnnotations: { a: 'b' } }, 'not-injected'],
    ['annotations with a status', { podAnnotations: meshed }, undefined],
    ['no annotations', { podAnnotations: undefined }, undefined],
    [
      'an agent in an excluded namespace',
      { pod: agent, excludeNamespaces: [agent.namespace] },
      'own-agent',
    ],
    [
      'an un-meshed pod in an excluded namespace',
      { excludeNamespaces: ['default'], podAnnotations: { a: 'b' } },
      'namespace-excluded',
    ],
  ];
  for (const [name, before, reason] of cases) {
    it(`${name}: ${reason ?? 'facts are needed'}`, () => {
      const unmarked = {
        pod: web,
        podAnnotations: undefined,
        excludeNamespaces: ['kube-system'],
        agentNamespace: 'sluice-system',
      };
      assert.equal(skipBeforeFacts({ ...unmarked, ...before }), reason);
    });
  }
});

/** In the order of `SKIP_REASONS`: each pod has all that the later ones have, too. */
const layers: [reason: SkipReason, changes: PodChanges][] = [
  ['interception-none', { annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' } }],
  ['injection-disabled', { labels: { [INJECT]: 'false' } }],
  ['gateway', { proxy: { args: ['proxy', 'router'] } }],
  ['proxy-disabled', { proxy: { env: [{ name: 'DISABLE_ENVOY', value: 'true' }] } }],
  ['no-sidecar', { proxy: { name: 'envoy' } }],
  ['init-container-redirects', { others: [container('istio-init', { init: true })] }],
];

describe('decide() skips', () => {
  for (const [reason, changes] of layers) {
    it(reason, async () => {
      assert.deepEqual(await decide(podFacts(changes)), { action: 'skip', reason, warnings: [] });
    });
  }

  it('not-injected', async () => {
    assert.equal(await outcome({ ...podFacts(), annotations: {} }), 'not-injected');
  });

  it('for the first reason that holds', async () => {
    const seen: string[] = [];
    let changes: PodChanges = {};
    for (const [, more] of layers) {
      changes = { ...changes, ...more, proxy: { ...changes.proxy, ...more.proxy } };
      seen.unshift(await outcome(podFacts(changes)));
    }
    seen.unshift(await outcome({ ...podFacts(changes), annotations: {} }));
    assert.deepEqual(seen, SKIP_REASONS.slice(3));
  });
});

describe('decide()', () => {
  const env = (value: string | undefined) => ({ env: { DISABLE_ENVOY: value } });
  const args = (...of: string[]) => ({ proxy: { args: of } });
  const cases: [name: string, changes: PodChanges, outcome: string][] = [
    ['a native sidecar', { proxy: { init: true } }, 'redirect'],
    [
      'istio-init among the containers',
      { others: [container('istio-init')] },
      'init-container-redirects',
    ],
    ['DISABLE_ENVOY=1', env('1'), 'proxy-disabled'],
    ['DISABLE_ENVOY=false', env('false'), 'redirect'],
    ['DISABLE_ENVOY=yes', env('yes'), 'redirect'],
    ['a waypoint', args('proxy', 'waypoint'), 'gateway'],
    ['a proxy without arguments', args(), 'redirect'],
    ['a proxy with one argument', args('proxy'), 'redirect'],
    ['another command', args('envoy', 'router'), 'redirect'],
    ['the label inject=F', { labels: { [INJECT]: 'F' } }, 'injection-disabled'],
    ['the annotation inject=false', { annotations: { [INJECT]: 'false' } }, 'injection-disabled'],
    [
      'the label over the annotation',
      { labels: { [INJECT]: 'true' }, annotations: { [INJECT]: 'false' } },
      'redirect',
    ],
    [
      'an unreadable label over the annotation',
      { labels: { [INJECT]: 'no' }, annotations: { [INJECT]: 'false' } },
      'redirect',
    ],
    ['mode none in small letters', mode('none'), 'error 100'],
    ['a blank mode', mode(' '), 'error 100'],
    ['DISABLE_ENVOY from elsewhere', env(undefined), 'error 100'],
    [
      'DISABLE_ENVOY from elsewhere on a skipped pod',
      { ...env(undefined), ...mode('NONE') },
      'interception-none',
    ],
    ['a wrong annotation on a skipped pod', wrongButSkipped(), 'injection-disabled'],
  ];
  for (const [name, changes, expected] of cases) {
    it(`${name}: ${expected}`, async () => {
      assert.equal(await outcome(podFacts(changes)), expected);
    });
  }
});

function mode(text: string): PodChanges {
  return { annotations: { 'sidecar.istio.io/interceptionMode': text } };
}

function wrongButSkipped(): PodChanges {
  const annotations = { 'traffic.sidecar.istio.io/excludeInboundPorts': 'ssh' };
  return { labels: { [INJECT]: 'false' }, annotations };
}

async function outcome(pod: Parameters<typeof decide>[0]): Promise<string> {
  try {
    const decision = await decide(pod);
    return decision.action === 'skip' ? decision.reason : decision.action;
  } catch (error) {
    return `error ${String((error as { code?: unknown }).code)}`;
  }
}
