import assert from 'node:assert/strict';

import { type JsonObject, parseJson, isJsonObject } from '../../../cni/spec/json.ts';
import { readSettings } from '../../../cni/spec/settings.ts';
import { failure } from '../../support/invocation.ts';

const defaults = {
  agentSocket: '/run/sluice/agent.sock',
  stateDir: '/var/lib/sluice',
  backend: 'auto',
  deadlineMs: 10_000,
  apiFallback: undefined,
  toolsDir: undefined,
};

function entry(text: string): JsonObject {
  const value = parseJson(text);
  assert.ok(isJsonObject(value));
  return value;
}

describe('readSettings()', () => {
  const right: Record<string, object> = {
    '{}': {},
    '{"agentSocket":null,"deadlineMs":null,"apiFallback":null,"toolsDir":null}': {},
    '{"agentSocket":"/a","stateDir":"/b","toolsDir":"/c"}': {
      agentSocket: '/a',
      stateDir: '/b',
      toolsDir: '/c',
    },
    '{"backend":"iptables-legacy"}': { backend: 'iptables-legacy' },
    '{"backend":"iptables-nft"}': { backend: 'iptables-nft' },
    '{"deadlineMs":1}': { deadlineMs: 1 },
    '{"deadlineMs":1e4}': { deadlineMs: 10_000 },
    '{"deadlineMs":240000.0}': { deadlineMs: 240_000 },
    '{"apiFallback":{"kubeconfig":"/k"}}': { apiFallback: { kubeconfig: '/k' } },
    '{"logLevel":"debug","excludeNamespaces":[],"agentNamespace":"mesh"}': {},
  };
  for (const [text, changes] of Object.entries(right)) {
    it(`reads ${text}`, () => {
      assert.deepEqual(readSettings(entry(text)), { ...defaults, ...changes });
    });
  }

  const path = 'wanted an absolute path';
  const number = 'wanted an integer from 1 to 240000';
  const backend = 'wanted one of "auto", "iptables-nft", "iptables-legacy", "nft"';
  const fallback = 'wanted {"kubeconfig": an absolute path}';
  const level = 'wanted one of "info", "debug", "warn", "error"';
  const wrong: Record<string, string> = {
    '{"agentSocket":"run/agent.sock"}': `agentSocket is "run/agent.sock", ${path}`,
    '{"stateDir":""}': `stateDir is "", ${path}`,
    '{"stateDir":"/a\\u0000b"}': `stateDir is "/a\\u0000b", ${path}`,
    '{"toolsDir":["/usr/sbin"]}': `toolsDir is ["/usr/sbin"], ${path}`,
    '{"backend":"NFT"}': `backend is "NFT", ${backend}`,
    '{"deadlineMs":"10000"}': `deadlineMs is "10000", ${number}`,
    '{"deadlineMs":0}': `deadlineMs is 0, ${number}`,
    '{"deadlineMs":-0}': `deadlineMs is -0, ${number}`,
    '{"deadlineMs":1.5}': `deadlineMs is 1.5, ${number}`,
    '{"deadlineMs":240001}': `deadlineMs is 240001, ${number}`,
    '{"deadlineMs":1e400}': `deadlineMs is 1e400, ${number}`,
    '{"apiFallback":true}': `apiFallback is true, ${fallback}`,
    '{"apiFallback":{"kubeconfig":"k"}}': `apiFallback is {"kubeconfig":"k"}, ${fallback}`,
    '{"logLevel":"verbose"}': `logLevel is "verbose", ${level}`,
    '{"agentNamespace":"Mesh"}': 'agentNamespace is "Mesh", wanted a namespace',
    '{"excludeNamespaces":"kube-system"}':
      'excludeNamespaces is "kube-system", wanted a list of namespaces',
    '{"excludeNamespaces":["a","*"]}':
      'excludeNamespaces is ["a","*"], wanted a list of namespaces',
    '{"logLevel":1,"stateDir":2,"backend":"nft"}': `logLevel is 1, ${level}; stateDir is 2, ${path}`,
  };
  for (const [text, expected] of Object.entries(wrong)) {
    it(`refuses ${text}`, () => {
      const { code, message } = failure(() => readSettings(entry(text)));
      assert.deepEqual([code, message], [7, `cannot use the network configuration: ${expected}`]);
    });
  }

  it('has no backend nft yet', () => {
    assert.equal(failure(() => readSettings({ backend: 'nft' })).code, 103);
  });
});
