import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type FactsOptions, readPodFacts } from '../../../cni/facts/facts.ts';
import { causes, CniError } from '../../../cni/spec/error.ts';
import {
  answer,
  type Listener,
  podJson,
  serveHttp,
  servePort,
  serveRaw,
  serveSilence,
  temporaryDirectory,
} from './serve.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };

describe('readPodFacts() with apiFallback', () => {
  const directory = temporaryDirectory();
  const agentSocket = `${directory.path}/agent.sock`;
  const kubeconfig = `${directory.path}/kubeconfig`;
  const listeners: Listener[] = [];
  const kept = async <T extends Listener>(listener: Promise<T>): Promise<T> => {
    listeners.push(await listener);
    return listener;
  };
  const options = (deadlineMs: number): FactsOptions => ({
    agentSocket,
    apiFallback: { kubeconfig },
    podAnnotations: {},
    deadlineMs,
    deadlineAt: performance.now() + deadlineMs,
  });
  const configure = (server: string): void => {
    const config = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c' } }],
      clusters: [{ name: 'c', cluster: { server } }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
  };
  const serveApi = async (...pods: unknown[]): Promise<void> => {
    const { port } = await kept(
      servePort((_, response) => response.end(JSON.stringify(pods.shift() ?? podJson()))),
    );
    configure(`http://127.0.0.1:${port}`);
  };
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
  });
  after(() => {
    directory.dispose();
  });

  it('asks the agent first', async () => {
    await serveApi();
    await kept(serveHttp(agentSocket, (_, response) => response.end(answer())));
    assert.equal((await readPodFacts(ref, options(60_000))).source, 'agent/watch');
  });

  it('asks the API server when no agent is there', async () => {
    await serveApi();
    const { source, observedAt, notes } = await readPodFacts(ref, options(60_000));
    assert.deepEqual([source, observedAt, notes.length], ['apiserver', undefined, 1]);
  });

  it('leaves the API server half of the time when the agent hangs', async () => {
    await serveApi();
    await kept(serveRaw(agentSocket, () => undefined));
    const { source, notes } = await readPodFacts(ref, options(4_000));
    assert.equal(source, 'apiserver');
    const waitedMs = /\(no complete answer after (\d+) ms\)$/.exec(notes.join())?.[1];
    assert.ok(Number(waitedMs) <= 2_000, notes.join());
  });

  it('asks the API server when the agent knows another pod of this name', async () => {
    await serveApi();
    await kept(serveHttp(agentSocket, (_, response) => response.writeHead(409).end('{}')));
    const { source, notes } = await readPodFacts(ref, options(60_000));
    assert.deepEqual([source, notes], ['apiserver', ['the agent knows another pod of this name']]);
  });

  it('asks both again while the API server knows an older pod of the same name', async () => {
    await serveApi(podJson({ uid: 'uid-0' }), podJson({ uid: 'uid-0' }));
    const { pod, notes } = await readPodFacts(ref, options(5000));
    assert.equal(pod.uid, 'uid-1');
    assert.match(
      notes.join(),
      /connect ENOENT .*, 3 times,.*UID "uid-0", not UID "uid-1", 2 times$/,
    );
  });

  it('names both when nobody knows, and why', async () => {
    configure('http://127.0.0.1:1');
    await assert.rejects(readPodFacts(ref, options(500)), (error) => {
      assert.ok(error instanceof CniError);
      assert.equal(error.code, 11);
      assert.equal(
        error.message,
        'cannot learn about pod default/web-0 within 500 ms: ' +
          `the agent does not answer at ${agentSocket} (is the sluice-agent pod running on this node?)` +
          ', and the API server does not answer at http://127.0.0.1:1',
      );
      assert.deepEqual(causes(error), [
        'no source knows the pod',
        `connect ENOENT ${agentSocket}`,
        'connect ECONNREFUSED 127.0.0.1:1',
      ]);
      return true;
    });
  });

  const hanging = {
    'in the middle of TLS': { scheme: 'https', serve: serveSilence },
    'in the middle of its answer': {
      scheme: 'http',
      serve: () => servePort((_, response) => response.write('{')),
    },
  };
  for (const [name, { scheme, serve }] of Object.entries(hanging)) {
    for (const deadlineMs of [120, -120]) {
      it(`keeps the deadline of ${deadlineMs} ms when the API server hangs ${name}`, async () => {
        const { port } = await kept(serve());
        configure(`${scheme}://127.0.0.1:${port}`);
        await assert.rejects(readPodFacts(ref, options(deadlineMs)), (error) => {
          assert.ok(error instanceof CniError);
          assert.equal(error.code, 11);
          assert.match(causes(error).join(': '), /no complete answer after \d+ ms$/);
          return true;
        });
      });
    }
  }
});
