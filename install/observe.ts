import { join } from 'node:path';
import { KEYS } from '../cni/spec/settings.ts';
import { executablePath, type InstallConfig, kubeconfigPath } from './config.ts';
import { type Entry } from './conflist.ts';
import { ownEntry } from './entry.ts';
import { type Files } from './files.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { type NetFile, netFiles } from './netdir.ts';
import { type DropIns, type Observed, type Wanted } from './observed.ts';

export async function observe(config: InstallConfig, files: Files): Promise<Observed> {
  const kubeconfig = await files.read(kubeconfigPath(config));
  return {
    ...(await observeNet(config.netDir, files)),
    executable: await executableState(config, files),
    kubeconfig: kubeconfig && 'text' in kubeconfig ? kubeconfig.text : undefined,
  };
}

/** What the CNI configuration directory holds that a runtime looks at. */
export async function observeNet(
  netDir: string,
  files: Files,
): Promise<Pick<Observed, 'files' | 'dropIns'>> {
  const found = await files.list(netDir);
  return {
    files: await readAll(files, netDir, found.files),
    dropIns: await readDropIns(files, netDir, found.directories),
  };
}

export async function wanted(config: InstallConfig, files: Files): Promise<Wanted> {
  const { mode, ownList, credential } = config;
  const entry = wantedEntry(config);
  if (!credential) return { mode, entry, ownList, kubeconfig: undefined };
  const { server, caFile, tokenFile } = credential;
  const [ca, token] = [await files.read(caFile), await files.read(tokenFile)];
  const texts = [ca, token].flatMap((file) => (file && 'text' in file ? [file.text.trim()] : []));
  const isWhole = texts.length === 2 && !texts.includes('');
  const [caText = '', tokenText = ''] = texts;
  const kubeconfig = isWhole
    ? { text: renderKubeconfig(server, { ca: `${caText}\n`, token: tokenText }) }
    : { obstacle: `no credential for the API server in "${caFile}" and "${tokenFile}"` };
  return { mode, entry, ownList, kubeconfig };
}

/** With the keys alone that are not as the plugin has them by itself. */
export function wantedEntry(config: InstallConfig): Entry {
  const { agentSocket, stateDir, credential, keys } = config;
  return ownEntry({
    ...keys,
    ...(agentSocket !== KEYS.agentSocket.fallback && { agentSocket }),
    ...(stateDir !== KEYS.stateDir.fallback && { stateDir }),
    ...(credential && { apiFallback: { kubeconfig: kubeconfigPath(config) } }),
  });
}

async function readDropIns(
  files: Files,
  netDir: string,
  directories: readonly string[],
): Promise<DropIns[]> {
  const found: DropIns[] = [];
  for (const network of directories) {
    const directory = join(netDir, network);
    const { files: names } = await files.list(directory);
    const plugins = names.filter((name) => name.endsWith('.conf'));
    found.push({ network, files: await readAll(files, directory, plugins) });
  }
  return found;
}

async function readAll(
  files: Files,
  directory: string,
  names: readonly string[],
): Promise<NetFile[]> {
  const found: NetFile[] = [];
  for (const { name } of netFiles(names.map((each) => ({ name: each })))) {
    const file = await files.read(join(directory, name));
    if (file) found.push(file);
  }
  return found;
}

async function executableState(
  config: InstallConfig,
  files: Files,
): Promise<Observed['executable']> {
  const path = executablePath(config);
  if (!(await files.isExecutable(path))) return 'missing';
  return (await files.isSame(path, config.source)) ? 'right' : 'different';
}
