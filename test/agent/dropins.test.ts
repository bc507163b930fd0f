import assert from 'node:assert/strict';
import { ApiError } from '../../agent/api.ts';
import { whereLoaded } from '../../agent/dropins.ts';
import { type Installation } from '../../agent/installation.ts';
import { until } from './until.ts';

describe('whereLoaded()', () => {
  const stop = new AbortController();
  const kept: Promise<void>[] = [];
  after(async () => {
    stop.abort();
    await Promise.all(kept);
  });
  const installation = (isComplete = true): Installation => ({
    keep: () => Promise.resolve(),
    isComplete: () => isComplete,
    release: async () => undefined,
    remove: () => Promise.resolve(undefined),
    state: () => ({ reason: isComplete ? undefined : 'not yet' }),
  });
  const node = (containerRuntimeVersion: string): unknown => ({
    status: { nodeInfo: { containerRuntimeVersion } },
  });
  const start = (answer: () => unknown, inner = installation()) => {
    const paths: string[] = [];
    const get = async (path: string): Promise<unknown> => {
      paths.push(path);
      return answer();
    };
    const options = { api: { get }, nodeName: 'n1', retryMs: 1 };
    const guarded = whereLoaded(inner, { ...options, install: { mode: 'drop-in' } });
    assert.ok(guarded);
    kept.push(guarded.keep(stop.signal));
    return { ...guarded, paths };
  };
  const refuse = (): never => {
    throw new ApiError(403, new Error('nodes "n1" is forbidden'));
  };

  it('is as it was where it is in no drop-in directory', () => {
    const options = { api: { get: async () => refuse() }, nodeName: 'n1' };
    const inner = installation();
    assert.equal(whereLoaded(inner, { ...options, install: { mode: 'chained' } }), inner);
    assert.equal(whereLoaded(undefined, { ...options, install: { mode: 'drop-in' } }), undefined);
  });

  it('is complete where the runtime loads drop-ins', async () => {
    const { isComplete, state, paths } = start(() => node('containerd://2.4.2'));
    assert.equal(isComplete(), false);
    await until(isComplete);
    assert.deepEqual([state().reason, paths], [undefined, ['/api/v1/nodes/n1']]);
  });

  it('says what the installation says once the runtime is known', async () => {
    const { isComplete, state } = start(() => node('containerd://2.4.2'), installation(false));
    await until(() => state().reason === 'not yet');
    assert.equal(isComplete(), false);
  });

  it('is not complete where it does not, and names it', async () => {
    const { isComplete, state, paths } = start(() => node('containerd://1.6.20~ds1'));
    await until(() => paths.length > 2);
    assert.equal(isComplete(), false);
    assert.match(state().reason ?? '', /^the runtime "containerd:\/\/1\.6\.20~ds1" is not known/);
  });

  it('is not complete while nobody tells, and asks again', async () => {
    let answer: () => unknown = refuse;
    const { isComplete, state, paths } = start(() => answer());
    await until(() => paths.length > 2);
    const said = 'the API server answers with status 403: nodes "n1" is forbidden';
    assert.deepEqual(
      [isComplete(), state().reason],
      [false, `cannot read the runtime of node n1: ${said}`],
    );
    answer = () => node('containerd://2.1.0');
    await until(isComplete);
  });

  it('is not complete where the node does not say', async () => {
    const { state, paths } = start(() => ({}));
    await until(() => paths.length > 2);
    assert.match(state().reason ?? '', /^the runtime "" is not known/);
  });
});
