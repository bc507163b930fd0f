import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { readFromApiServer } from '../../../cni/facts/apiserver.ts';
import { SourceError } from '../../../cni/facts/source.ts';
import { createAuthority, issue, type Pair } from './pki.ts';
import { podJson, temporaryDirectory } from './serve.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };
/** Nothing here takes that long: `fallback.test.ts` is about what does. */
const limits = { timeoutMs: 50_000 };

describe('readFromApiServer()', () => {
  const directory = temporaryDirectory();
  const kubeconfig = `${directory.path}/kubeconfig`;
  let authority: Pair;
  let client: Pair;
  let origin = '';
  let close: () => void;
  let requests: IncomingMessage[] = [];
  let respond: RequestListener;

  before(async () => {
    authority = createAuthority(directory.path);
    client = issue(directory.path, 'sluice', authority, 'DNS:sluice');
    const { key, cert } = issue(
      directory.path,
      'apiserver',
      authority,
      'IP:127.0.0.1,DNS:kubernetes',
    );
    const tls = { key, cert, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
    const server = createServer(tls, (request, response) => {
      requests.push(request);
      respond(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  beforeEach(() => {
    requests = [];
    respond = (_, response) => response.end(JSON.stringify(podJson()));
  });
  after(() => {
    close();
    directory.dispose();
  });

  const configure = (cluster: object, user: object = { token: 'secret' }): void => {
    const config = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: origin, ...cluster } }],
      users: [{ name: 'u', user }],
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
  };
  const trusted = { 'certificate-authority': 'ca.crt' };

  it('reads a pod with a token', async () => {
    configure(trusted);
    const expected = { pod: podJson(), source: 'apiserver', observedAt: undefined };
    assert.deepEqual(await readFromApiServer(kubeconfig, ref, limits), expected);
    const asked = requests.map(({ method, url, headers }) => [method, url, headers.authorization]);
    assert.deepEqual(asked, [['GET', '/api/v1/namespaces/default/pods/web-0', 'Bearer secret']]);
  });

  it('reads a pod with a client certificate', async () => {
    configure(trusted, { 'client-certificate': client.certFile, 'client-key': client.keyFile });
    const seen: unknown[] = [];
    respond = ({ socket, headers }, response) => {
      const peer = socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : undefined;
      seen.push(peer, headers.authorization);
      response.end(JSON.stringify(podJson()));
    };
    await readFromApiServer(kubeconfig, ref, limits);
    assert.deepEqual(seen, ['sluice', undefined]);
  });

  it('keeps the path of the server, and encodes what comes from the pod', async () => {
    configure({ ...trusted, server: `${origin}/k8s/clusters/c-1/` });
    await readFromApiServer(kubeconfig, { ...ref, name: '../secrets?x#y' }, limits);
    const url = '/k8s/clusters/c-1/api/v1/namespaces/default/pods/..%2Fsecrets%3Fx%23y';
    assert.equal(requests[0]?.url, url);
  });

  it('goes through no proxy of the environment', async () => {
    configure(trusted);
    const names = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'];
    for (const name of names) process.env[name] = 'http://127.0.0.1:1';
    try {
      await readFromApiServer(kubeconfig, ref, limits);
      assert.equal(requests.length, 1);
    } finally {
      for (const name of names) Reflect.deleteProperty(process.env, name);
    }
  });

  it('takes the name that the certificate is to have', async () => {
    configure({ ...trusted, 'tls-server-name': 'kubernetes' });
    await readFromApiServer(kubeconfig, ref, limits);
    configure({ ...trusted, 'tls-server-name': 'other' });
    const error = await failure();
    assert.match(String(error.cause), /Hostname\/IP does not match certificate's altnames/);
    assert.equal(requests.length, 1);
  });

  it('sends nothing to a server that another authority vouches for', async () => {
    configure({});
    const error = await failure();
    assert.equal(error.message, `the API server does not answer at ${origin}`);
    assert.match(String(error.cause), /certificate/);
    assert.equal(requests.length, 0);
  });

  it('asks whoever answers if told so', async () => {
    configure({ 'insecure-skip-tls-verify': true });
    assert.equal((await readFromApiServer(kubeconfig, ref, limits)).source, 'apiserver');
  });

  const refusals = [
    { status: 404, retry: true, message: () => 'the API server does not know the pod yet' },
    { status: 429, retry: true },
    { status: 503, retry: true },
    { status: 401, retry: false },
    { status: 403, retry: false },
    { status: 307, retry: false },
  ];
  for (const { status, retry, message } of refusals) {
    it(`answers ${retry ? 'that waiting may help' : 'that waiting will not help'}: ${status}`, async () => {
      configure(trusted);
      respond = (_, response) =>
        response.writeHead(status, { location: `${origin}/` }).end('{"message": "because"}');
      const expected = message?.() ?? `the API server at ${origin} answers with status ${status}`;
      const error = await failure();
      assert.deepEqual(
        [error.message, error.retry, error.cause],
        [expected, retry, new Error('because')],
      );
      assert.equal(requests.length, 1);
    });
  }

  it('says of a kubeconfig that is not there that it cannot be used', async () => {
    const message = 'the kubeconfig of apiFallback cannot be used';
    const read = readFromApiServer(`${directory.path}/no`, ref, limits);
    await assert.rejects(read, { message, retry: false });
  });

  async function failure(): Promise<SourceError> {
    return readFromApiServer(kubeconfig, ref, limits).then(
      () => assert.fail('it answered'),
      (error: unknown) => (error instanceof SourceError ? error : assert.fail(String(error))),
    );
  }
});
