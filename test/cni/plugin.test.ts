import assert from 'node:assert/strict';

import { runPlugin } from '../../cni/plugin.ts';
import { CniError, ErrorCode } from '../../cni/spec/error.ts';
import { fakeHost } from '../support/host.ts';
import { invocation, prevResult } from '../support/call.ts';
import { v1Pod } from '../support/pod.ts';

const meshed = { pod: v1Pod({ namespace: 'default', name: 'web-0', uid: 'uid-1' }) };

describe('runPlugin() ADD', () => {
  it('passes the result on and asks the node for nothing when the pod is not meshed', async () => {
    const host = fakeHost();
    const { stdout, exitCode } = await runPlugin(
      invocation({ podAnnotations: { 'kubernetes.io/config.source': 'api' } }),
      host,
    );
    assert.deepEqual([JSON.parse(stdout), exitCode], [prevResult, 0]);
    assert.deepEqual(host.deeds, []);
  });

  it('says on one line why a pod is not redirected', async () => {
    const host = fakeHost();
    await runPlugin(invocation({ podAnnotations: { a: 'b' } }), host);
    assert.deepEqual(
      host.logged.map(({ level, msg, fields }) => [level, msg, fields.reason]),
      [['info', 'not redirected', 'not-injected']],
    );
  });

  it('records before and after it touches the kernel', async () => {
    const host = fakeHost(meshed);
    const { stdout, exitCode } = await runPlugin(invocation(), host);
    assert.deepEqual([JSON.parse(stdout), exitCode], [prevResult, 0]);
    const { start = 0, apply = 0, total = 0 } = host.records.get('container-1')?.phases ?? {};
    assert.ok(total >= start + apply);
    assert.deepEqual(host.deeds, [
      'load',
      'facts',
      'record pending',
      'apply',
      'event',
      'record redirected',
      'close',
    ]);
  });

  it('records a pod that is skipped after its facts were asked for', async () => {
    const host = fakeHost({
      pod: v1Pod({
        ...meshed.pod.metadata,
        annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' },
      }),
    });
    await runPlugin(invocation(), host);
    assert.deepEqual(host.deeds, ['load', 'facts', 'event', 'record skipped', 'close']);
    assert.equal(host.records.get('container-1')?.decision?.action, 'skip');
  });

  it('succeeds without a record and says so', async () => {
    const writeRecord = (): never => {
      throw new Error('cannot write record: no space left');
    };
    const host = fakeHost({ ...meshed, writeRecord });
    assert.equal((await runPlugin(invocation(), host)).exitCode, 0);
    const warned = host.logged.filter(({ level }) => level === 'warn');
    assert.equal(warned[0]?.fields.reason, 'cannot write record: no space left');
  });

  it('reports and records why the kernel refused', async () => {
    const apply = (): never => {
      throw new CniError(ErrorCode.notApplied, 'cannot redirect', {
        cause: new Error('line 2 failed'),
      });
    };
    const host = fakeHost({ ...meshed, apply });
    const { stdout, exitCode } = await runPlugin(invocation(), host);
    const result = {
      cniVersion: '1.0.0',
      code: 101,
      msg: 'cannot redirect',
      details: 'line 2 failed',
    };
    assert.deepEqual([JSON.parse(stdout), exitCode], [result, 1]);
    assert.equal(host.records.get('container-1')?.outcome, 'failed');
  });

  it('programs nothing when an annotation is wrong', async () => {
    const annotations = { 'traffic.sidecar.istio.io/excludeInboundPorts': 'ssh' };
    const host = fakeHost({ pod: v1Pod({ ...meshed.pod.metadata, annotations }) });
    const { stdout } = await runPlugin(invocation(), host);
    assert.equal((JSON.parse(stdout) as { code: number }).code, 100);
    assert.deepEqual(host.deeds, ['load', 'facts', 'close', 'event', 'record failed']);
  });

  it('names wrong keys of the configuration to a meshed pod, and lets others through', async () => {
    const config = { deadlineMs: 'soon' };
    const { stdout } = await runPlugin(invocation({ config }), fakeHost(meshed));
    assert.match(stdout, /"code":7,"msg":"[^"]*deadlineMs/);
    assert.equal(
      (await runPlugin(invocation({ config, podAnnotations: { a: 'b' } }), fakeHost())).exitCode,
      0,
    );
  });

  it('undoes on request', async () => {
    const host = fakeHost(meshed);
    const { undo } = await runPlugin(invocation(), host);
    await undo?.();
    assert.deepEqual(host.deeds.slice(-4), ['undo', 'close', 'event', 'record failed']);
  });

  it('records that it could not undo', async () => {
    const host = fakeHost({
      ...meshed,
      undo: () => {
        throw new Error('cannot undo');
      },
    });
    const { undo } = await runPlugin(invocation(), host);
    await undo?.();
    const { outcome, error } = host.records.get('container-1') ?? {};
    assert.deepEqual([outcome, error?.code, error?.details], ['failed', 102, 'cannot undo']);
    assert.equal(host.logged.at(-1)?.level, 'error');
  });

  it('calls a bug a bug', async () => {
    const readPodFacts = (): never => {
      throw new TypeError('x is undefined');
    };
    const { stdout } = await runPlugin(invocation(), fakeHost({ readPodFacts }));
    assert.deepEqual(JSON.parse(stdout), {
      cniVersion: '1.0.0',
      code: 999,
      msg: 'unexpected error',
      details: 'x is undefined',
    });
  });

  it('says in every line what it is about, and is as quiet as configured', async () => {
    const host = fakeHost(meshed);
    await runPlugin(invocation(), host);
    const { pod, command, containerId } = host.logged[0]?.fields ?? {};
    const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };
    assert.deepEqual([pod, command, containerId], [ref, 'ADD', 'container-1']);

    const quiet = fakeHost(meshed);
    await runPlugin(invocation({ config: { logLevel: 'error' } }), quiet);
    assert.deepEqual(quiet.logged, []);
  });

  it('tells all warnings in one place', async () => {
    const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPort': '80' };
    const pod = v1Pod({ ...meshed.pod.metadata, annotations });
    const host = fakeHost({
      pod,
      apply: () => ({ families: ['ipv4', 'ipv6'], warnings: ['foreign'] }),
    });
    await runPlugin(invocation({ config: { deadlinMs: 1 } }), host);
    const warnings = host.records.get('container-1')?.warnings ?? [];
    assert.deepEqual(host.logged[0]?.fields.warnings, warnings);
    assert.match(warnings.join('; '), /deadlineMs.*excludeOutboundPorts.*foreign/);
  });
});
