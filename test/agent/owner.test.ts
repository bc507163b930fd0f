import assert from 'node:assert/strict';
import { pino } from 'pino';
import { ApiError } from '../../agent/api.ts';
import { createOwner, tellFailure } from '../../agent/owner.ts';
import { until } from './until.ts';

/** What the API server does with a question: an object, or its refusal. */
type Answer = object | Error;

const pod = { namespace: 'sluice-system', name: 'sluice-agent-abcde' };
const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'sluice-agent' };
const ownPod = {
  metadata: { name: pod.name, ownerReferences: [{ ...daemonSet, controller: true }] },
};
const there = { metadata: { name: 'sluice-agent', resourceVersion: '7' } };
const deleted = { metadata: { ...there.metadata, deletionTimestamp: '2026-01-02T03:04:05Z' } };
const namespace = { metadata: { name: 'sluice-system' } };
const terminating = { metadata: { ...namespace.metadata, deletionTimestamp: 'now' } };
const gone = refused(404, 'daemonsets.apps "sluice-agent" not found');
const forbidden = refused(403, 'daemonsets.apps "sluice-agent" is forbidden');
const event = (type: string, object: object): string => JSON.stringify({ type, object });

/** What is said before the stop, then at the stop, and whether that is for good. */
interface Case {
  readonly when: string;
  readonly own?: Answer;
  readonly watch?: readonly string[];
  readonly atEnd: Answer;
  readonly namespaceAtEnd?: Answer;
  readonly later?: Answer; // what is said of it a moment after that
  readonly isGoing: boolean;
}

const cases: readonly Case[] = [
  { when: 'the DaemonSet is as ever', atEnd: there, isGoing: false },
  { when: 'the DaemonSet waits for its pods to go', atEnd: deleted, isGoing: true },
  { when: 'the DaemonSet is gone', atEnd: gone, isGoing: true },
  {
    when: 'the right to ask went with the DaemonSet, which the watch has told',
    watch: [event('DELETED', deleted)],
    atEnd: forbidden,
    isGoing: true,
  },
  {
    when: 'the watch has told of a deletion, and nobody answers',
    watch: [event('MODIFIED', deleted)],
    atEnd: new Error('the API server does not answer'),
    isGoing: true,
  },
  { when: 'the right to ask is taken, and no more is known', atEnd: forbidden, isGoing: false },
  {
    when: 'the DaemonSet came back after its deletion',
    watch: [event('DELETED', deleted)],
    atEnd: there,
    isGoing: false,
  },
  {
    when: 'it came back, and nobody answers',
    watch: [event('DELETED', deleted), event('ADDED', there)],
    atEnd: forbidden,
    isGoing: false,
  },
  { when: 'the DaemonSet is made anew at once', atEnd: gone, later: there, isGoing: false },
  { when: 'then the right to ask goes', atEnd: gone, later: forbidden, isGoing: true },
  { when: 'nobody answers', atEnd: new Error('no answer'), isGoing: false },
  { when: 'a 404 is of somebody else', atEnd: refused(404, 'no such page'), isGoing: false },
  {
    when: 'the namespace ends, pods first',
    atEnd: there,
    namespaceAtEnd: terminating,
    isGoing: true,
  },
  {
    when: 'the namespace ends, and the right to ask for the rest is gone',
    atEnd: forbidden,
    namespaceAtEnd: terminating,
    isGoing: true,
  },
  { when: 'the pod is of no DaemonSet', own: { metadata: {} }, atEnd: gone, isGoing: false },
  {
    when: 'the pod is only listed by a DaemonSet that does not control it',
    own: { metadata: { ownerReferences: [daemonSet] } },
    atEnd: gone,
    isGoing: false,
  },
];

describe('createOwner()', () => {
  for (const { when, own = ownPod, watch = [], isGoing, ...end } of cases) {
    it(`says that a stop is ${isGoing ? '' : 'not '}for good when ${when}`, async () => {
      let answer: Answer = there;
      let around: Answer = namespace;
      let heard = false;
      const stop = new AbortController();
      const owner = createOwner({
        pod,
        api: {
          get: async (path) => {
            if (path.includes('/pods/')) return value(own);
            if (!path.includes('/daemonsets/')) return value(around);
            const said = answer;
            if (answer === end.atEnd) answer = end.later ?? answer;
            return value(said);
          },
          lines: async function* (path) {
            assert.match(path, /daemonsets\?fieldSelector=metadata.name%3Dsluice-agent&.*=7&/);
            yield event('BOOKMARK', there);
            yield* watch;
            heard = true;
            await new Promise((resolve) => {
              stop.signal.addEventListener('abort', resolve);
            });
          },
        },
        onFailure,
        confirmMs: 1,
      });
      const followed = owner.follow(stop.signal);
      await (own === ownPod ? until(() => heard) : followed);
      [answer, around] = [end.atEnd, end.namespaceAtEnd ?? namespace];
      assert.equal(await owner.isGoing(), isGoing);
      stop.abort();
      await followed;
    });
  }

  it('asks again, and tells why it could not', async () => {
    const failures: unknown[] = [];
    const stop = new AbortController();
    const owner = createOwner({
      pod,
      api: {
        get: async (path) => value(path.includes('/pods/') ? ownPod : there),
        lines: async function* () {
          throw new Error(`away ${failures.length}`);
        },
      },
      backoff: { firstMs: 1, mostMs: 1 },
      onFailure: (error) => {
        failures.push(error);
        if (failures.length === 3) stop.abort();
      },
    });
    await owner.follow(stop.signal);
    assert.deepEqual(failures.map(String), ['Error: away 0', 'Error: away 1', 'Error: away 2']);
    assert.equal(await owner.isGoing(), false);
  });

  it('does not wait long for an answer', async () => {
    const never = new Promise<never>(() => undefined);
    let isStopped = false;
    const owner = createOwner({
      pod,
      confirmMs: 1,
      timeoutMs: 5,
      api: {
        get: async (path, { timeoutMs }) => {
          if (!isStopped) return value(path.includes('/pods/') ? ownPod : deleted);
          assert.equal(timeoutMs, 5);
          throw new Error('no complete answer');
        },
        lines: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => never }) }),
      },
      onFailure,
    });
    void owner.follow(new AbortController().signal);
    await until(async () => owner.isGoing());
    isStopped = true;
    assert.equal(await owner.isGoing(), true);
  });
});

describe('tellFailure()', () => {
  it('tells once that a right stays missing, and nothing of an API server that is away', () => {
    const lines: string[] = [];
    const tell = tellFailure(pino({}, { write: (line) => lines.push(line) }));
    const errors = [forbidden, new Error('away'), forbidden];
    errors.forEach(tell);
    assert.equal(lines.length, 0);
    for (const error of [forbidden, forbidden]) tell(error);
    assert.match(
      lines.join('; '),
      /^[^;]*if the DaemonSet is deleted, the plugin stays on this node[^;]*$/,
    );
  });
});

function onFailure(error: unknown): void {
  assert.ifError(error);
}

function value(answer: Answer): object {
  if (answer instanceof Error) throw answer;
  return answer;
}

function refused(status: number, message: string): ApiError {
  return new ApiError(status, new Error(message));
}
