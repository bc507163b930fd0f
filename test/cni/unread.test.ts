import assert from 'node:assert/strict';
import { parseRecord } from '../../cni/attachment.ts';
import { runPlugin } from '../../cni/plugin.ts';
import { type Invocation } from '../../cni/spec/request.ts';
import { invocation, prevResult } from '../support/call.ts';
import { fakeHost } from '../support/host.ts';

const config = { agentSocket: '/a.sock' };
const pod = { namespace: 'default', name: 'web-0', uid: 'uid-1' };
const byDefault = '/run/sluice/agent.sock';

interface Case {
  readonly call: Invocation;
  readonly code: number;
  readonly about?: readonly unknown[];
  readonly agentSocket?: string;
}

const cases: Readonly<Record<string, Case>> = {
  'arguments that are no pairs': {
    call: invocation({ env: { CNI_ARGS: 'K8S_POD_NAME' }, config }),
    code: 4,
    about: ['container-1', undefined],
  },
  'nothing but its command': {
    call: { env: { CNI_COMMAND: 'ADD' }, stdin: '{}' },
    code: 4,
    about: ['', undefined],
    agentSocket: byDefault,
  },
  'stdin that is not JSON': {
    call: { ...invocation(), stdin: '{"agentSocket":"/a.sock"' },
    code: 6,
    agentSocket: byDefault,
  },
  'a name that is none': { call: invocation({ config: { ...config, name: '' } }), code: 7 },
  'a version to come': {
    call: invocation({ config: { ...config, cniVersion: '2.0.0' } }),
    code: 1,
  },
  'a name and a socket that are none': {
    call: invocation({ config: { agentSocket: 5, name: 5, cniVersion: 5 } }),
    code: 7,
    agentSocket: byDefault,
  },
};

describe('the agent, of an ADD that came with', () => {
  for (const [what, { call, code, agentSocket = '/a.sock', about }] of Object.entries(cases)) {
    it(`${what}, is told what is known`, async () => {
      const host = fakeHost();
      const { stdout, exitCode } = await runPlugin(call, host);
      const result = JSON.parse(stdout) as { readonly code: number; readonly msg: string };
      assert.deepEqual([result.code, exitCode], [code, 1]);
      assert.deepEqual(host.deeds, ['load', 'event']);
      const [told] = host.told;
      assert.equal(told?.agentSocket, agentSocket);
      const record = parseRecord(told.text);
      assert.deepEqual(
        [record?.outcome, record?.error?.code, record?.error?.msg],
        ['failed', code, result.msg],
      );
      assert.deepEqual([record?.containerId, record?.pod], about ?? ['container-1', pod]);
      assert.deepEqual(Object.keys(record?.phases ?? {}), ['start', 'total']);
    });
  }
});

describe('the agent is not told', () => {
  for (const command of ['CHECK', 'DEL', 'GC', 'STATUS']) {
    it(`of a ${command} that cannot be read`, async () => {
      const host = fakeHost();
      const env = { CNI_CONTAINERID: '../c', CNI_COMMAND: command };
      assert.equal((await runPlugin({ env, stdin: '' }, host)).exitCode, 1);
      assert.deepEqual(host.deeds, []);
    });
  }

  it('of a pod that is not meshed, whose result cannot be said in the version', async () => {
    const host = fakeHost();
    const wrong = { prevResult: { ...prevResult, cniVersion: '9.9.9' } };
    const call = invocation({ config: wrong, podAnnotations: { a: 'b' } });
    assert.equal((await runPlugin(call, host)).exitCode, 1);
    assert.deepEqual(host.deeds, []);
  });
});

describe('an ADD for a meshed pod', () => {
  it('whose result cannot be said in the version is recorded, and changes nothing', async () => {
    const host = fakeHost();
    const wrong = { prevResult: { ...prevResult, cniVersion: '9.9.9' } };
    assert.equal((await runPlugin(invocation({ config: wrong }), host)).exitCode, 1);
    assert.deepEqual(host.deeds, ['load', 'event', 'record failed']);
    assert.equal(host.records.get('container-1')?.error?.code, 1);
  });
});
