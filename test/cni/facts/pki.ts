import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate authority of the test's own, made by openssl in `directory`. */
export function createAuthority(directory: string): Pair {
  const pair = files(directory, 'ca');
  openssl(directory, ['req', '-x509', ...KEY, '-subj', '/CN=test-ca', '-days', '2', ...out(pair)]);
  return read(pair);
}

/** What the authority signs: for a server with these names, or for a client. */
export function issue(directory: string, name: string, authority: Pair, names: string): Pair {
  const pair = files(directory, name);
  const request = `${directory}/${name}.csr`;
  const extensions = `${directory}/${name}.ext`;
  openssl(directory, [
    'req',
    '-new',
    ...KEY,
    '-subj',
    `/CN=${name}`,
    '-keyout',
    pair.keyFile,
    '-out',
    request,
  ]);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  const signer = ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial'];
  openssl(directory, [
    'x509',
    '-req',
    '-in',
    request,
    ...signer,
    '-extfile',
    extensions,
    '-out',
    pair.certFile,
  ]);
  return read(pair);
}

type Files = Pick<Pair, 'certFile' | 'keyFile'>;

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function files(directory: string, name: string): Files {
  return { certFile: `${directory}/${name}.crt`, keyFile: `${directory}/${name}.key` };
}

function out({ certFile, keyFile }: Files): string[] {
  return ['-keyout', keyFile, '-out', certFile];
}

function openssl(directory: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
}

function read({ certFile, keyFile }: Files): Pair {
  return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
}
