import assert from 'node:assert/strict';

import fc from 'fast-check';

import { CniError, ErrorCode } from '../../../../cni/spec/error.ts';
import { parseRequest } from '../../../../cni/spec/request.ts';
import { renderResult } from '../../../../cni/spec/result.ts';
import { CNI_VERSIONS } from '../../../../cni/spec/version.ts';

const COMMANDS = ['ADD', 'CHECK', 'DEL', 'GC', 'STATUS', 'VERSION'];

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('k8s', '/path', '10.0.0.1/8', {}, ...CNI_VERSIONS),
);
/** An object that has any of the keys. */
function object(keys: readonly string[], values: fc.Arbitrary<unknown>): fc.Arbitrary<object> {
  const model = Object.fromEntries(keys.map((key) => [key, values]));
  return fc.record(model, { requiredKeys: [], noNullPrototype: true });
}
function merge(parts: readonly object[]): object {
  return parts.reduce((all, part) => ({ ...all, ...part }), {});
}

const item = object(['address', 'ip', 'dst', 'gw', 'version'], value);
const lists = object(['ips', 'IP4', 'ip6', 'routes', 'dns'], fc.oneof(fc.array(item), item, value));
const version = object(['cniVersion'], fc.constantFrom(...CNI_VERSIONS));
const result = fc.tuple(lists, version).map((parts) => merge(parts));
const settings = ['stateDir', 'deadlineMs', 'apiFallback', 'excludeNamespaces', 'logLevel'];
const keys = ['type', 'runtimeConfig', 'cni.dev/attachments', 'unknown', ...settings];
const entry = fc
  .tuple(object(keys, value), version, object(['prevResult'], fc.oneof(result, result, value)))
  .map((parts) => merge([{ name: 'k8s' }, ...parts]));

const stdin = fc.oneof(
  entry.map((config) => JSON.stringify(config)),
  fc.string(),
  fc.json({ maxDepth: 2 }),
);
const env = fc.record({
  CNI_COMMAND: fc.constantFrom(...COMMANDS, '', 'X'),
  CNI_CONTAINERID: fc.oneof(fc.constant('a1'), fc.string()),
  CNI_NETNS: fc.oneof(fc.constant('/n'), fc.string()),
  CNI_IFNAME: fc.oneof(fc.constant('eth0'), fc.string()),
  CNI_ARGS: fc.oneof(fc.constantFrom('', 'K8S_POD_NAME=x'), fc.string()),
});

/** What the specification lets a request fail with. */
const CODES: readonly number[] = [
  ErrorCode.incompatibleVersion,
  ErrorCode.invalidEnvironment,
  ErrorCode.decode,
  ErrorCode.invalidConfig,
];

function codeOf(run: () => unknown): number | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof CniError, String(error));
    return error.code;
  }
}

describe('parseRequest() of anything', () => {
  it('is a request or an error of the specification', () => {
    fc.assert(
      fc.property(env, stdin, (variables, text) => {
        const code = codeOf(() => parseRequest({ env: variables, stdin: text }));
        assert.ok(code === undefined || CODES.includes(code));
      }),
      { numRuns: 300 },
    );
  });

  it('has settings and a result, or an error', () => {
    const ADD = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'a', CNI_NETNS: '/n', CNI_IFNAME: 'eth0' };
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(entry, (config) => {
        const text = JSON.stringify(config);
        const code = codeOf(() => {
          const request = parseRequest({ env: ADD, stdin: text });
          assert.ok(request.command === 'ADD');
          codeOf(request.config.settings);
          const rendered: unknown = JSON.parse(renderResult(request.config));
          assert.ok(typeof rendered === 'object' && rendered !== null && 'cniVersion' in rendered);
          assert.equal(rendered.cniVersion, request.config.cniVersion);
        });
        outcomes.add(String(code));
        assert.ok(code === undefined || CODES.includes(code));
      }),
      { numRuns: 300 },
    );
    assert.ok(outcomes.has('undefined') && outcomes.size > 2, [...outcomes].join());
  });

  it('is a request for DEL, whatever stdin and arguments hold', () => {
    const DEL = { CNI_COMMAND: 'DEL', CNI_CONTAINERID: 'a', CNI_IFNAME: 'eth0' };
    fc.assert(
      fc.property(stdin, fc.string(), (text, CNI_ARGS) => {
        assert.equal(parseRequest({ env: { ...DEL, CNI_ARGS }, stdin: text }).command, 'DEL');
      }),
    );
  });
});
