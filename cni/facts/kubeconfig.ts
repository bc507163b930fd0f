import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isObject } from './json.ts';

/** How to reach an API server, and as whom. */
export interface ApiServer {
  readonly url: URL;
  readonly token: string | undefined;
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly tlsServerName: string | undefined;
  readonly skipTlsVerify: boolean;
}

/**
 * Reads the current context of a kubeconfig, YAML or JSON, and the files that it names, which may lie beside it.
 *
 * @throws {Error} naming file and key, never a value
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.0/staging/src/k8s.io/client-go/tools/clientcmd/api/v1/types.go
 */
export async function readKubeconfig(path: string): Promise<ApiServer> {
  const file: File = { path, config: await parseFile(path) };
  const context = named(file, 'contexts', 'context', text(file, file.config, 'current-context'));
  const cluster = named(file, 'clusters', 'cluster', text(file, context, 'cluster'));
  const url = parseUrl(file, text(file, cluster, 'server'));
  const target = {
    url,
    ca: await pem(file, cluster, 'certificate-authority'),
    tlsServerName: optionalText(file, cluster, 'tls-server-name'),
    skipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
  };
  const userName = optionalText(file, context, 'user');
  // As kubectl does: credentials are for TLS only.
  if (url.protocol === 'http:' || userName === undefined) {
    return { ...target, token: undefined, cert: undefined, key: undefined };
  }
  const user = named(file, 'users', 'user', userName);
  return {
    ...target,
    token: await readToken(file, user),
    cert: await pem(file, user, 'client-certificate'),
    key: await pem(file, user, 'client-key'),
  };
}

type Section = Readonly<Record<string, unknown>>;
interface File {
  readonly path: string;
  readonly config: Section;
}

async function parseFile(path: string): Promise<Section> {
  const content = await readFile(path, 'utf8');
  try {
    // JSON is YAML too, but needs no package.
    const isJson = content.trimStart().startsWith('{');
    const value = isJson ? (JSON.parse(content) as unknown) : await parseYaml(content);
    if (isObject(value)) return value;
  } catch {
    // Messages of both parsers quote the text, and it holds secrets.
  }
  throw new Error(`cannot read kubeconfig "${path}": expected YAML or JSON`);
}

async function parseYaml(content: string): Promise<unknown> {
  const { parse } = await import('yaml');
  return parse(content, { logLevel: 'error' }) as unknown;
}

function named({ path, config }: File, list: string, key: string, name: string): Section {
  const items: readonly unknown[] = Array.isArray(config[list]) ? config[list] : [];
  const item = items.filter(isObject).find((candidate) => candidate.name === name);
  const section = item?.[key];
  if (isObject(section)) return section;
  throw new Error(`cannot read kubeconfig "${path}": expected "${name}" in "${list}"`);
}

function text(file: File, section: Section, key: string): string {
  const value = optionalText(file, section, key);
  if (value !== undefined) return value;
  throw new Error(`cannot read kubeconfig "${file.path}": expected a text at "${key}"`);
}

function optionalText({ path }: File, section: Section, key: string): string | undefined {
  const value = section[key] ?? undefined;
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new Error(`cannot read kubeconfig "${path}": expected a text at "${key}"`);
}

function parseUrl({ path }: File, server: string): URL {
  const url = URL.parse(server);
  if (url && ['https:', 'http:'].includes(url.protocol)) return url;
  throw new Error(`cannot read kubeconfig "${path}": expected a URL with https at "server"`);
}

/** The file is read each time, because kubelet and others renew it in place. */
async function readToken(file: File, user: Section): Promise<string | undefined> {
  const tokenFile = optionalText(file, user, 'tokenFile');
  if (tokenFile === undefined) return optionalText(file, user, 'token');
  return (await readBeside(file, 'tokenFile', tokenFile)).toString('utf8').trim();
}

async function pem(file: File, section: Section, key: string): Promise<Buffer | undefined> {
  const data = optionalText(file, section, `${key}-data`);
  const path = optionalText(file, section, key);
  if (data === undefined && path === undefined) return undefined;
  const content =
    data === undefined ? await readBeside(file, key, path ?? '') : Buffer.from(data, 'base64');
  if (content.includes('-----BEGIN ')) return content;
  const where = data === undefined ? key : `${key}-data`;
  throw new Error(`cannot read kubeconfig "${file.path}": expected PEM at "${where}"`);
}

async function readBeside({ path }: File, key: string, name: string): Promise<Buffer> {
  try {
    return await readFile(resolve(dirname(path), name));
  } catch (cause) {
    throw new Error(`cannot read kubeconfig "${path}": expected a file at "${key}"`, { cause });
  }
}
