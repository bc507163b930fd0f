import assert from 'node:assert/strict';
import { type Api, ApiError } from '../../agent/api.ts';
import { type AskForPod, createFacts } from '../../agent/facts.ts';
import { cutPod } from '../../agent/pod.ts';
import { openStore, type Store } from '../../agent/store.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { type PodChanges, v1Pod } from '../support/pod.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'u1' };

describe('createFacts()', () => {
  const directory = temporaryDirectory();
  const { signal } = new AbortController();
  let store: Store;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    store = await openStore({ directory: `${directory.path}/pods`, onFailure: fail, signal });
    store.update(new Map());
    await store.flush();
  });
  afterEach(async () => {
    await store.flush();
  });
  after(() => {
    directory.dispose();
  });

  const facts = (answer: () => Promise<unknown>): AskForPod => {
    const get = (path: string): Promise<unknown> => {
      asked.push(path);
      return answer();
    };
    const api: Api = { get, lines: () => fail(), write: () => fail() };
    return createFacts({ api, store, nodeName: 'n1', now: () => new Date(0), signal });
  };
  const know = (changes: PodChanges): void => {
    store.update(new Map([['u', cutPod(v1Pod(changes))]]));
  };
  const away = (): Promise<never> => Promise.reject(new Error('connection refused'));
  const missing = (): Promise<never> => Promise.reject(new ApiError(404, undefined));

  it('answers from memory without asking anybody', async () => {
    know({ uid: 'u1' });
    const { status, outcome } = await facts(away)(ref);
    assert.deepEqual([status, outcome, asked], [200, 'watch', []]);
  });

  it('answers for a static pod by the UID that kubelet gives it', async () => {
    know({ uid: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'u1' } });
    assert.equal((await facts(away)(ref)).outcome, 'watch');
  });

  it('answers by the name where the runtime gave no UID', async () => {
    know({ uid: 'u1' });
    assert.equal((await facts(away)({ ...ref, uid: undefined })).outcome, 'watch');
  });

  it('asks the API server for a pod not yet seen', async () => {
    const { outcome, ...reply } = await facts(async () => onNode({ uid: 'u1' }))(ref);
    assert.equal(outcome, 'apiserver');
    assert.deepEqual(reply, {
      status: 200,
      body: {
        pod: cutPod(v1Pod({ uid: 'u1' })),
        source: 'apiserver',
        observedAt: '1970-01-01T00:00:00.000Z',
      },
    });
    assert.deepEqual(asked, ['/api/v1/namespaces/default/pods/web-0']);
  });

  it('asks the API server when it knows another pod of the name', async () => {
    know({ uid: 'u0' });
    assert.equal((await facts(async () => onNode({ uid: 'u1' }))(ref)).outcome, 'apiserver');
  });

  it('asks once for all who wait', async () => {
    const ask = facts(async () => onNode({ uid: 'u1' }));
    const answers = await Promise.all([ask(ref), ask(ref), ask({ ...ref, uid: 'u2' })]);
    assert.deepEqual(
      answers.map(({ outcome }) => outcome),
      ['apiserver', 'apiserver', 'uid-mismatch'],
    );
    assert.equal(asked.length, 1);
    await ask(ref);
    assert.equal(asked.length, 2);
  });

  const refusals: {
    what: string;
    known?: PodChanges;
    answer: () => Promise<unknown>;
    status: number;
    code: string;
    message: string;
  }[] = [
    {
      what: 'nobody knows the pod',
      answer: missing,
      status: 404,
      code: 'pod-unknown',
      message: 'the API server knows no pod default/web-0 on node n1',
    },
    {
      what: 'it is a pod of another node',
      answer: async () => onNode({ uid: 'u1' }, 'n2'),
      status: 404,
      code: 'pod-unknown',
      message: 'the API server knows no pod default/web-0 on node n1',
    },
    {
      what: 'all know another UID',
      known: { uid: 'u0' },
      answer: async () => onNode({ uid: 'u2' }),
      status: 409,
      code: 'uid-mismatch',
      message: 'pod default/web-0 has UID "u2", not "u1"',
    },
    {
      what: 'we know another UID, and the API server is away',
      known: { uid: 'u0' },
      answer: away,
      status: 409,
      code: 'uid-mismatch',
      message: 'pod default/web-0 has UID "u0", not "u1"',
    },
    {
      what: 'the API server is away',
      answer: away,
      status: 503,
      code: 'not-ready',
      message:
        'pod default/web-0 is not known yet, and the API server cannot be asked: connection refused',
    },
  ];
  for (const { what, known, answer, status, code, message } of refusals) {
    it(`refuses when ${what}: ${code}`, async () => {
      if (known) know(known);
      assert.deepEqual(await facts(answer)(ref), {
        status,
        body: { error: { code, message } },
        outcome: code,
      });
    });
  }

  it('encodes what comes from outside', async () => {
    await facts(missing)({ namespace: '../x', name: 'a?b', uid: undefined });
    assert.deepEqual(asked, ['/api/v1/namespaces/..%2Fx/pods/a%3Fb']);
  });
});

function onNode(changes: PodChanges, nodeName = 'n1'): unknown {
  const pod = v1Pod(changes);
  return { ...pod, spec: { ...pod.spec, nodeName } };
}

function fail(): never {
  throw new Error('nobody is to come here');
}
