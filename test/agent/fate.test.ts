import assert from 'node:assert/strict';
import { daemonSetOf, fateAfter, fateOf } from '../../agent/fate.ts';

const there = { metadata: { name: 'sluice-agent' } };
const deleted = { metadata: { ...there.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' } };

describe('fateOf()', () => {
  for (const [what, found, fate] of [
    ['an object', there, 'stays'],
    ['an object that waits for its finalizers', deleted, 'goes'],
    ['no object', undefined, 'goes'],
  ] as const) {
    it(`${what} ${fate}`, () => {
      assert.equal(fateOf(found), fate);
    });
  }

  it('rejects what is no object of Kubernetes', () => {
    assert.throws(() => fateOf({}), TypeError);
  });
});

describe('fateAfter()', () => {
  for (const [type, object, fate] of [
    ['ADDED', there, 'stays'],
    ['MODIFIED', there, 'stays'],
    ['MODIFIED', deleted, 'goes'],
    ['DELETED', there, 'goes'],
    ['BOOKMARK', there, undefined],
  ] as const) {
    it(`${type} of one that ${object === there ? 'is there' : 'is deleted'}: ${fate ?? 'nothing new'}`, () => {
      assert.equal(fateAfter(JSON.stringify({ type, object })), fate);
    });
  }

  for (const line of [
    '{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":{}}',
    'no JSON',
  ]) {
    it(`rejects ${line}`, () => {
      assert.throws(() => fateAfter(line));
    });
  }
});

describe('daemonSetOf()', () => {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    name: 'sluice-agent',
    controller: true,
  };
  for (const [what, ownerReferences, name] of [
    ['its controller', [owner], 'sluice-agent'],
    ['nobody', undefined, undefined],
    ['an owner that does not control it', [{ ...owner, controller: false }], undefined],
    ['a controller of another kind', [{ ...owner, kind: 'ReplicaSet' }], undefined],
    ['a controller of another group', [{ ...owner, apiVersion: 'apps.example/v1' }], undefined],
  ] as const) {
    it(`is ${name ?? 'undefined'} for ${what}`, () => {
      assert.equal(daemonSetOf({ metadata: { ownerReferences } }), name);
    });
  }
});
