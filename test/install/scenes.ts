import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toolboxPath } from '../../cni/kernel/place.ts';
import { VERSION } from '../../cni/version.ts';
import { executablePath, type InstallConfig, kubeconfigPath } from '../../install/config.ts';
import { chain } from '../../install/conflist.ts';
import { generatedList } from '../../install/generated.ts';
import { renderKubeconfig } from '../../install/kubeconfig.ts';
import { parseNetFile } from '../../install/netdir.ts';
import { wantedEntry } from '../../install/observe.ts';
import { fixture } from './fixtures.ts';
import { configIn } from './ground.ts';

/** What an agent finds on a node, and what it is to make of it. */
export interface Scene {
  readonly changes?: Partial<InstallConfig>;
  /** With a credential from these files. */
  readonly hasCredential?: boolean;
  /** Tools of the new version, besides its loader. */
  readonly tools?: readonly string[];
  /** What an earlier agent has left. */
  readonly older?: (config: InstallConfig) => void;
}

const PRIMARY = '10-calico.conflist';

export const scenes = {
  'in the primary': {},
  'in a list of our own': { changes: { mode: 'own' } },
  'in the drop-in directory': { changes: { mode: 'drop-in' } },
  'from the primary to a list of our own': {
    changes: { mode: 'own' },
    older: (config) => {
      put(executablePath(config), 'version 2', 0o755);
      chainIn(config, wantedEntry(config));
    },
  },
  'from a list of our own to the drop-in directory': {
    changes: { mode: 'drop-in' },
    older: (config) => {
      put(executablePath(config), 'version 2', 0o755);
      const text = fixture('calico.conflist');
      const primary = parseNetFile({ name: PRIMARY, text });
      if (primary.is === 'broken') throw new Error('cannot use the fixture');
      put(join(config.netDir, config.ownList), generatedList(primary, wantedEntry(config)), 0o600);
    },
  },
  'over an older version, with its tools and its credential': {
    hasCredential: true,
    tools: ['lib/libc.so.6', 'lib/xtables/libxt_owner.so', 'bin/nsenter'],
    older: (config) => {
      put(executablePath(config), 'version 1', 0o755);
      put(join(toolboxPath(executablePath(config), '0.0.0'), 'lib/libc.so.6'), 'older', 0o644);
      put(join(toolboxPath(executablePath(config), VERSION), 'lib/libc.so.6'), 'torn', 0o644);
      put(kubeconfigPath(config), OLDER_KUBECONFIG, 0o600);
      chainIn(config, { ...wantedEntry(config), logLevel: 'debug' });
    },
  },
  'with as many tools as the image has': {
    tools: Array.from({ length: 160 }, (_, i) => `lib/xtables/libxt_${i}.so`),
  },
} satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as SceneName[];

export const OLDER_KUBECONFIG = renderKubeconfig('https://10.0.0.1', { ca: 'ca', token: 'older' });

export function sceneConfig(directory: string, name: SceneName): InstallConfig {
  const { changes, hasCredential }: Scene = scenes[name];
  const server = 'https://10.0.0.1';
  const files = { caFile: join(directory, 'ca.crt'), tokenFile: join(directory, 'token') };
  const credential = hasCredential === true ? { server, ...files } : undefined;
  return { ...configIn(directory), credential, ...changes };
}

/** All that is there without Sluice. */
export function setScene(directory: string, name: SceneName): void {
  const { tools = [] }: Scene = scenes[name];
  const { netDir, source } = sceneConfig(directory, name);
  put(join(netDir, PRIMARY), fixture('calico.conflist'), 0o640);
  put(join(directory, 'ca.crt'), 'ca', 0o644);
  put(join(directory, 'token'), 'newer', 0o600);
  const box = toolboxPath(source, VERSION);
  const all = tools.length > 0 ? [...tools, 'lib/ld-linux.so.2'] : [];
  for (const tool of all) put(join(box, tool), `${tool} of the new version`, 0o644);
}

/** And what an earlier agent has left. */
export function setOlder(directory: string, name: SceneName): void {
  const { older }: Scene = scenes[name];
  older?.(sceneConfig(directory, name));
}

function chainIn({ netDir }: InstallConfig, entry: Parameters<typeof chain>[1]): void {
  put(join(netDir, PRIMARY), chain(fixture('calico.conflist'), entry), 0o640);
}

function put(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}
