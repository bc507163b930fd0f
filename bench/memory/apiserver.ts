// Stands for the API server of a node full of meshed pods, in a process of its own: `apiserver.ts <directory>`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { createAuthority, issue } from '../../test/cni/facts/pki.ts';
import { manifest, PODS } from './pods.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new SyntaxError('expected: apiserver.ts <directory>');
const account = `${directory}/serviceaccount`;
mkdirSync(account);
const authority = createAuthority(directory);
writeFileSync(`${account}/ca.crt`, authority.cert);
writeFileSync(`${account}/token`, 'any');

/** Kubelet tells of a pod again and again while it starts. */
const CHANGES = [1_000, 2_000, 3_000, 4_000];
const all = (version: number): object[] =>
  Array.from({ length: PODS }, (_, i) => manifest(i, version + i));

const { key, cert } = issue(directory, 'apiserver', authority, 'IP:127.0.0.1');
const server = createServer({ key, cert }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://apiserver');
  response.writeHead(pathname === '/api/v1/pods' ? 200 : 404);
  if (searchParams.get('watch') !== 'true') {
    const list = { kind: 'PodList', metadata: { resourceVersion: '999' }, items: all(1) };
    response.end(JSON.stringify(list));
    return;
  }
  for (const object of CHANGES.flatMap(all)) {
    response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${port}\n`);
});
