import assert from 'node:assert/strict';

import { type AttachRequest, cniVersionOf, parseRequest } from '../../../cni/spec/request.ts';
import { CNI_VERSIONS } from '../../../cni/spec/version.ts';
import { failure, invocation } from '../../support/invocation.ts';

const prevResult = { cniVersion: '1.1.0', ips: [] };

describe('parseRequest()', () => {
  for (const command of ['ADD', 'CHECK'] as const) {
    it(`reads ${command}`, () => {
      const request = parseRequest(
        invocation({ env: { CNI_COMMAND: command }, entry: { prevResult } }),
      );
      assert.ok(request.command === command);
      const { config, ...rest } = request satisfies AttachRequest;
      assert.deepEqual(rest, {
        command,
        containerId: 'a1b2c3',
        ifName: 'eth0',
        netns: '/run/netns/cni-1',
        pod: { namespace: 'default', name: 'web-0', uid: 'u-1' },
      });
      assert.deepEqual([config.name, config.prevResult], ['k8s', prevResult]);
    });
  }

  const accepted: Record<string, readonly string[]> = {
    ADD: CNI_VERSIONS,
    CHECK: ['0.4.0', '1.0.0', '1.1.0'],
    GC: ['1.1.0'],
    STATUS: ['1.1.0'],
  };
  for (const [command, versions] of Object.entries(accepted)) {
    for (const cniVersion of [...CNI_VERSIONS, '9.8.7']) {
      const known = versions.includes(cniVersion);
      it(`${known ? 'serves' : 'refuses'} ${command} in ${cniVersion}`, () => {
        const run = (): unknown =>
          parseRequest(
            invocation({ env: { CNI_COMMAND: command }, entry: { cniVersion, prevResult } }),
          );
        if (known) assert.doesNotThrow(run);
        else assert.equal(failure(run).code, 1);
      });
    }

    const wrong: Record<string, readonly [object, number]> = {
      'an empty stdin': [{ stdin: '' }, 6],
      'a stdin that is not JSON': [{ stdin: '{"name"' }, 6],
      'trailing data': [{ stdin: '{"cniVersion":"1.1.0","name":"k8s"} {}' }, 6],
      'a list': [{ stdin: '[]' }, 6],
      'no name': [{ entry: { name: undefined } }, 7],
      'a bad name': [{ entry: { name: 'te%%st' } }, 7],
      'a bad version': [{ entry: { cniVersion: 'adsfsadf' } }, 1],
      'a version that is no string': [{ entry: { cniVersion: 1 } }, 6],
    };
    for (const [name, [changes, code]] of Object.entries(wrong)) {
      it(`refuses ${command} with ${name}`, () => {
        const run = (): unknown =>
          parseRequest(invocation({ ...changes, env: { CNI_COMMAND: command } }));
        assert.equal(failure(run).code, code);
      });
    }
  }

  it('needs prevResult for CHECK', () => {
    const { code, message } = failure(() =>
      parseRequest(invocation({ env: { CNI_COMMAND: 'CHECK' } })),
    );
    const expected = 'cannot use the network configuration: prevResult is missing, CHECK needs it';
    assert.deepEqual([code, message], [7, expected]);
  });

  for (const command of ['ADD', 'CHECK']) {
    it(`refuses ${command} for half a pod`, () => {
      const env = { CNI_COMMAND: command, CNI_ARGS: 'K8S_POD_NAME=web-0' };
      assert.equal(failure(() => parseRequest(invocation({ env, entry: { prevResult } }))).code, 4);
    });
  }

  it('looks at the environment before stdin', () => {
    const run = (): unknown => parseRequest(invocation({ env: { CNI_NETNS: '' }, stdin: '' }));
    assert.equal(failure(run).code, 4);
  });

  it('serves 5 MB', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => ({
      name: `eth${index}`,
      mac: 'x'.repeat(80),
    }));
    const stdin = invocation({ entry: { prevResult: { interfaces: many } } });
    assert.ok(stdin.stdin.length > 5_000_000);
    const request = parseRequest(stdin);
    assert.ok(request.command === 'ADD');
    assert.equal(JSON.stringify(request.config.prevResult), JSON.stringify({ interfaces: many }));
  });
});

describe('cniVersionOf()', () => {
  const cases: Record<string, string> = {
    '{"cniVersion":"0.3.1"}': '0.3.1',
    '{"CNIVERSION":"0.4.0"}': '0.4.0',
    '{"cniVersion":"9.8.7"}': '1.1.0',
    '{"cniVersion":1}': '1.1.0',
    '{}': '1.1.0',
    '': '1.1.0',
    '{"cniVersion":"0.3.1"': '1.1.0',
  };
  for (const [stdin, expected] of Object.entries(cases)) {
    it(`answers ${stdin === '' ? 'no stdin' : stdin} in ${expected}`, () => {
      assert.equal(cniVersionOf(stdin), expected);
    });

    it(`is what VERSION answers in for ${stdin === '' ? 'no stdin' : stdin}`, () => {
      const request = parseRequest({ env: { CNI_COMMAND: 'VERSION' }, stdin });
      assert.deepEqual(request, { command: 'VERSION', cniVersion: expected });
    });
  }
});
