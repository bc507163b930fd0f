import assert from 'node:assert/strict';

import { type NetConf, parseEntry, parseNetConf } from '../../../cni/spec/config.ts';
import { causes } from '../../../cni/spec/error.ts';
import { failure } from '../../support/invocation.ts';

function parse(entry: object): NetConf {
  const base = { cniVersion: '1.1.0', name: 'k8s', type: 'sluice-cni' };
  return parseNetConf(parseEntry(JSON.stringify({ ...base, ...entry })));
}

describe('parseEntry()', () => {
  const wrong = [
    '',
    ' \n',
    '{',
    '{} {}',
    '{"a":1}{',
    '[]',
    'null',
    '1.0',
    '"{}"',
    '\ufeff{}',
    '\0',
  ];
  for (const text of [...wrong, '['.repeat(100_000)]) {
    it(`cannot decode ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(failure(() => parseEntry(text)).code, 6);
    });
  }

  it('tells what the parser said in the details', () => {
    assert.match(causes(failure(() => parseEntry('{"name": oops}'))).join(), /"oops"|'o'/);
  });

  it('spells the keys of the protocol', () => {
    const text = '{"CNIVersion":"1.0.0","NAME":"n","PrevResult":{},"CNI.dev/Attachments":[]}';
    const keys = ['cniVersion', 'name', 'prevResult', 'cni.dev/attachments'];
    assert.deepEqual(Object.keys(parseEntry(text)), keys);
  });

  it('leaves our own keys as they are spelled', () => {
    assert.deepEqual(Object.keys(parseEntry('{"LogLevel":"debug"}')), ['LogLevel']);
  });
});

describe('parseNetConf()', () => {
  it('reads an entry with defaults', () => {
    const { settings, ...config } = parse({ capabilities: {}, ipam: {}, disableCheck: true });
    assert.deepEqual(config, {
      cniVersion: '1.1.0',
      name: 'k8s',
      type: 'sluice-cni',
      prevResult: undefined,
      podAnnotations: undefined,
      excludeNamespaces: ['kube-system'],
      agentNamespace: 'sluice-system',
      logLevel: 'info',
      agentSocket: '/run/sluice/agent.sock',
      stateDir: '/var/lib/sluice',
      warnings: [],
    });
    assert.equal(settings().backend, 'auto');
  });

  for (const cniVersion of [undefined, null, '']) {
    it(`means 0.1.0 by cniVersion ${String(cniVersion)}`, () => {
      assert.equal(parse({ cniVersion }).cniVersion, '0.1.0');
    });
  }

  for (const name of ['k8s', '0', 'a.b_c-D', 'cbr0']) {
    it(`takes the name "${name}"`, () => {
      assert.equal(parse({ name }).name, name);
    });
  }

  for (const name of [undefined, null, '', 'te%%st', '-a', '.', 'a b', 'a/b', 'a\n', 1, {}]) {
    it(`refuses the name ${name === undefined ? 'undefined' : JSON.stringify(name)}`, () => {
      assert.equal(failure(() => parse({ name })).code, 7);
    });
  }

  for (const prevResult of ['{}', [], 1, false]) {
    it(`refuses the prevResult ${JSON.stringify(prevResult)}`, () => {
      assert.equal(failure(() => parse({ prevResult })).code, 7);
    });
  }

  it('takes a prevResult null for absent', () => {
    assert.equal(parse({ prevResult: null }).prevResult, undefined);
  });

  it('warns of unknown keys', () => {
    assert.deepEqual(parse({ loglevel: 'debug' }).warnings, [
      'ignored unknown key "loglevel": the nearest known one is "logLevel"',
    ]);
  });

  const wrong: Record<string, unknown> = {
    excludeNamespaces: ['a', 1],
    agentNamespace: '',
    logLevel: 'loud',
    deadlineMs: 'soon',
    agentSocket: 'agent.sock',
    stateDir: {},
  };
  for (const [key, value] of Object.entries(wrong)) {
    it(`does not fail for a wrong ${key} before it is needed`, () => {
      const config = parse({ [key]: value });
      const { excludeNamespaces, agentNamespace, logLevel, agentSocket, stateDir } = config;
      const early = [excludeNamespaces, agentNamespace, logLevel, agentSocket, stateDir];
      const places = ['/run/sluice/agent.sock', '/var/lib/sluice'];
      assert.deepEqual(early, [['kube-system'], 'sluice-system', 'info', ...places]);
      const { code, message } = failure(config.settings);
      assert.deepEqual([code, message.includes(`${key} is ${JSON.stringify(value)}`)], [7, true]);
    });
  }
});

describe("the runtime's pod annotations", () => {
  const key = 'io.kubernetes.cri.pod-annotations';
  const annotations = { 'sidecar.istio.io/status': '{}', constructor: 'x' };

  for (const name of ['runtimeConfig', 'RuntimeConfig']) {
    it(`are read from ${name}`, () => {
      assert.deepEqual(parse({ [name]: { [key]: annotations } }).podAnnotations, annotations);
    });
  }

  const none = [undefined, null, [], 'x', {}, { other: {} }];
  const unusable = [null, {}, [], [['a', 'b']], 'a=b', { a: 1 }, { a: 'x', b: null }];
  for (const value of [...none, ...unusable.map((map) => ({ [key]: map }))]) {
    it(`are unknown from ${value === undefined ? 'undefined' : JSON.stringify(value)}`, () => {
      assert.equal(parse({ runtimeConfig: value }).podAnnotations, undefined);
    });
  }
});
