import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readKubeconfig } from '../../../cni/facts/kubeconfig.ts';
import { temporaryDirectory } from './serve.ts';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** As `kubectl config view --raw` prints it, with more contexts than the current one. */
const kubeconfig = (cluster: object, user: object): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'here',
  contexts: [
    { name: 'there', context: { cluster: 'far', user: 'other' } },
    { name: 'here', context: { cluster: 'near', user: 'cni' } },
  ],
  clusters: [
    { name: 'far', cluster: { server: 'https://far.example:6443' } },
    { name: 'near', cluster: { server: 'https://10.0.0.1:6443', ...cluster } },
  ],
  users: [
    { name: 'other', user: { token: 'of-the-other' } },
    { name: 'cni', user },
  ],
});

describe('readKubeconfig()', () => {
  const directory = temporaryDirectory();
  const path = `${directory.path}/etc/kubeconfig`;
  const write = (content: object | string): void => {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  };
  before(() => {
    mkdirSync(`${directory.path}/etc/pki`, { recursive: true });
    writeFileSync(`${directory.path}/etc/pki/ca.crt`, CERTIFICATE);
    writeFileSync(`${directory.path}/key.pem`, KEY);
    writeFileSync(`${directory.path}/etc/token`, 'from-the-file\n');
  });
  after(() => {
    directory.dispose();
  });

  const nothing = {
    token: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    tlsServerName: undefined,
  };
  const defaults = { ...nothing, url: new URL('https://10.0.0.1:6443'), skipTlsVerify: false };
  const cases: Record<string, { cluster?: object; user?: object; expected: object }> = {
    'no credentials': { expected: {} },
    'a token': { user: { token: 'secret' }, expected: { token: 'secret' } },
    'a token file, before a token': {
      user: { tokenFile: 'token', token: 'secret' },
      expected: { token: 'from-the-file' },
    },
    'files that lie beside it': {
      cluster: { 'certificate-authority': 'pki/ca.crt' },
      user: { 'client-certificate': './pki/ca.crt', 'client-key': '../key.pem' },
      expected: {
        ca: Buffer.from(CERTIFICATE),
        cert: Buffer.from(CERTIFICATE),
        key: Buffer.from(KEY),
      },
    },
    'data, before files': {
      cluster: { 'certificate-authority-data': base64(CERTIFICATE), 'certificate-authority': 'no' },
      user: { 'client-certificate-data': base64(CERTIFICATE), 'client-key-data': base64(KEY) },
      expected: {
        ca: Buffer.from(CERTIFICATE),
        cert: Buffer.from(CERTIFICATE),
        key: Buffer.from(KEY),
      },
    },
    'another name of the server': {
      cluster: { 'tls-server-name': 'kubernetes' },
      expected: { tlsServerName: 'kubernetes' },
    },
    'a server that need not prove itself': {
      cluster: { 'insecure-skip-tls-verify': true },
      expected: { skipTlsVerify: true },
    },
    'no credentials for a server without TLS': {
      cluster: { server: 'http://127.0.0.1:8080' },
      user: { token: 'secret' },
      expected: { url: new URL('http://127.0.0.1:8080') },
    },
  };
  for (const [name, { cluster = {}, user = {}, expected }] of Object.entries(cases)) {
    it(`reads ${name}`, async () => {
      write(kubeconfig(cluster, user));
      assert.deepEqual(await readKubeconfig(path), { ...defaults, ...expected });
    });
  }

  it('reads YAML', async () => {
    write(`
apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: here, context: { cluster: near, user: cni } }]
clusters:
- name: near
  cluster:
    server: "https://10.0.0.1:6443"
users:
- name: cni
  user:
    token: secret # of the service account
`);
    assert.deepEqual(await readKubeconfig(path), { ...defaults, token: 'secret' });
  });

  it('reads the token file each time', async () => {
    write(kubeconfig({}, { tokenFile: 'token' }));
    await readKubeconfig(path);
    writeFileSync(`${directory.path}/etc/token`, 'renewed');
    assert.equal((await readKubeconfig(path)).token, 'renewed');
  });

  const secret = 'hunter2';
  const wrong: Record<string, [content: object | string, wanted: string]> = {
    'no YAML': [`users: [{ token: ${secret}`, 'expected YAML or JSON'],
    'no JSON': [`{ "token": "${secret}"`, 'expected YAML or JSON'],
    'a list': ['- a', 'expected YAML or JSON'],
    'no current context': [{ users: [{ token: secret }] }, 'expected a text at "current-context"'],
    'a context that is not there': [{ 'current-context': 'here' }, 'expected "here" in "contexts"'],
    'a server that is no URL': [
      kubeconfig({ server: secret }, {}),
      'expected a URL with https at "server"',
    ],
    'a token that is no text': [kubeconfig({}, { token: [secret] }), 'expected a text at "token"'],
    'a token file that is not there': [
      kubeconfig({}, { tokenFile: 'no' }),
      'expected a file at "tokenFile"',
    ],
    'a key that is no PEM': [
      kubeconfig({}, { 'client-key-data': base64(secret) }),
      'expected PEM at "client-key-data"',
    ],
    'a CA file that is no PEM': [
      kubeconfig({ 'certificate-authority': 'token' }, {}),
      'expected PEM at "certificate-authority"',
    ],
  };
  for (const [name, [content, wanted]] of Object.entries(wrong)) {
    it(`names file and key of ${name}, and no secret`, async () => {
      write(content);
      await assert.rejects(readKubeconfig(path), (error: Error) => {
        assert.equal(error.message, `cannot read kubeconfig "${path}": ${wanted}`);
        assert.ok(!String(error.cause).includes(secret));
        return true;
      });
    });
  }
});
