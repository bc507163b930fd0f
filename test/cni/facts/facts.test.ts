import assert from 'node:assert/strict';
import { type RequestListener } from 'node:http';
import { type FactsOptions, readPodFacts } from '../../../cni/facts/facts.ts';
import { answer, type Listener, podJson, serveHttp, temporaryDirectory } from './serve.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };

describe('readPodFacts()', () => {
  const directory = temporaryDirectory();
  const agentSocket = `${directory.path}/agent.sock`;
  const listeners: Listener[] = [];
  const serve = async (respond: RequestListener): Promise<void> => {
    listeners.push(await serveHttp(agentSocket, respond));
  };
  const options = (deadlineMs: number, changes: Partial<FactsOptions> = {}): FactsOptions => ({
    agentSocket,
    apiFallback: undefined,
    podAnnotations: {},
    deadlineMs,
    deadlineAt: performance.now() + deadlineMs,
    ...changes,
  });
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
  });
  after(() => {
    directory.dispose();
  });

  it('takes what the agent knows', async () => {
    await serve((_, response) => response.end(answer()));
    const { pod, ...rest } = await readPodFacts(ref, options(60_000));
    assert.deepEqual(rest, {
      source: 'agent/watch',
      observedAt: '2026-01-02T03:04:05Z',
      notes: [],
    });
    assert.deepEqual([pod.name, pod.uid, pod.containers.length], ['web-0', 'uid-1', 2]);
  });

  it('prefers the annotations that the runtime passed', async () => {
    const annotations = { a: 'of the agent', b: 'of the agent' };
    await serve((_, response) => response.end(answer(podJson({ annotations }))));
    const podAnnotations = { b: 'of the runtime', c: 'of the runtime' };
    const { pod } = await readPodFacts(ref, options(60_000, { podAnnotations }));
    assert.deepEqual(pod.annotations, {
      a: 'of the agent',
      b: 'of the runtime',
      c: 'of the runtime',
    });
  });

  it('takes the mirror of a static pod, whose UID is in an annotation', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'uid-1' };
    await serve((_, response) =>
      response.end(answer(podJson({ uid: 'of-the-mirror', annotations }))),
    );
    assert.equal((await readPodFacts(ref, options(60_000))).pod.uid, 'of-the-mirror');
  });

  it('lets the name decide where the runtime gave no UID', async () => {
    await serve((_, response) => response.end(answer()));
    assert.equal(
      (await readPodFacts({ ...ref, uid: undefined }, options(60_000))).pod.uid,
      'uid-1',
    );
  });

  it('waits for an agent that only starts', async () => {
    const found = readPodFacts(ref, options(5000));
    setTimeout(() => void serve((_, response) => response.end(answer())), 60);
    const { notes } = await found;
    const there = `the agent does not answer at ${agentSocket} (is the sluice-agent pod running on this node?)`;
    assert.equal(notes.length, 1);
    assert.ok(notes[0]?.startsWith(`${there} (connect ENOENT ${agentSocket})`), notes[0]);
  });

  for (const status of [404, 409, 503]) {
    it(`asks again after ${status}`, async () => {
      const statuses = [status, status, 200];
      await serve((_, response) => {
        response.statusCode = statuses.shift() ?? 200;
        response.end(answer());
      });
      const { notes } = await readPodFacts(ref, options(5000));
      assert.match(notes.join(), /^the agent .*, 2 times$/);
    });
  }

  it('asks again while the agent knows an older pod of the same name', async () => {
    const uids = ['uid-0', 'uid-1'];
    await serve((_, response) => response.end(answer(podJson({ uid: uids.shift() }))));
    const { pod, notes } = await readPodFacts(ref, options(5000));
    assert.equal(pod.uid, 'uid-1');
    assert.deepEqual(notes, ['the agent knows default/web-0 with UID "uid-0", not UID "uid-1"']);
  });

  const hopeless: Record<string, [status: number, body: string, why: string]> = {
    nonsense: [200, '<html>', 'the agent answered with something that is no JSON object'],
    'what is no pod': [200, '{"pod": []}', 'the agent answered with something that is no pod'],
    'a refusal': [400, '{}', `the agent at ${agentSocket} answers with status 400`],
    'a redirect': [302, answer(), `the agent at ${agentSocket} answers with status 302`],
  };
  for (const [name, [status, body, why]] of Object.entries(hopeless)) {
    it(`does not wait after ${name}`, async () => {
      let times = 0;
      await serve((_, response) => {
        times += 1;
        response.writeHead(status, { location: '/v1/pods/default/web-0' }).end(body);
      });
      const error = { code: 11, message: `cannot learn about pod default/web-0: ${why}` };
      await assert.rejects(readPodFacts(ref, options(60_000)), error);
      assert.equal(times, 1);
    });
  }

  it('says within which time a UID contradicted', async () => {
    await serve((_, response) => response.end(answer(podJson({ uid: undefined }))));
    await assert.rejects(readPodFacts(ref, options(2_000)), {
      code: 11,
      message:
        'cannot learn about pod default/web-0 within 2000 ms: the agent knows default/web-0 with UID "", not UID "uid-1"',
    });
  });

  it('tells what the agent said before the deadline cut it short', async () => {
    let times = 0;
    await serve((_, response) => {
      times += 1;
      if (times === 1) response.writeHead(404).end();
    });
    const message =
      'cannot learn about pod default/web-0 within 2000 ms: the agent does not know the pod yet';
    await assert.rejects(readPodFacts(ref, options(2_000)), { code: 11, message });
    assert.equal(times, 2);
  });

  it('stops when it is interrupted while it waits', async () => {
    const stop = new AbortController();
    const found = readPodFacts(ref, options(60_000, { signal: stop.signal }));
    setTimeout(() => {
      stop.abort(new Error('SIGTERM'));
    }, 40);
    await assert.rejects(found, {
      code: 11,
      message: 'cannot learn about pod default/web-0: interrupted',
      cause: new Error('SIGTERM'),
    });
  });

  it('stops when it is interrupted while the agent thinks', async () => {
    const stop = new AbortController();
    await serve(() => {
      stop.abort(new Error('SIGTERM'));
    });
    const found = readPodFacts(ref, options(60_000, { signal: stop.signal }));
    await assert.rejects(found, { code: 11, message: /: interrupted$/ });
  });
});
