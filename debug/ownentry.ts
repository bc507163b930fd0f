import { parseEntry, parseNetConf, type NetConf } from '../cni/spec/config.ts';
import { isJsonObject } from '../cni/spec/json.ts';
import { PLUGIN } from '../install/entry.ts';
import { createFiles } from '../install/files.ts';
import { netFiles } from '../install/netdir.ts';
import { type Place } from './command.ts';

/** How the plugin is configured on this node. */
export interface OwnEntry {
  /** Where that stands; undefined: nowhere, and these are the defaults. */
  readonly file: string | undefined;
  readonly config: NetConf;
}

/** What the first of the network configurations that names our plugin says. */
export async function readOwnEntry({ netDir }: Pick<Place, 'netDir'>): Promise<OwnEntry> {
  const files = createFiles();
  const listed = await files.list(netDir);
  const names = netFiles(listed.files.map((name) => ({ name }))).map(({ name }) => name);
  for (const network of listed.directories) {
    const { files: inside } = await files.list(`${netDir}/${network}`);
    names.push(
      ...inside.filter((name) => name.endsWith('.conf')).map((name) => `${network}/${name}`),
    );
  }
  for (const name of names) {
    const file = await files.read(`${netDir}/${name}`);
    const config = file && 'text' in file ? ownConfig(file.text) : undefined;
    if (config) return { file: `${netDir}/${name}`, config };
  }
  return { file: undefined, config: configOf({}) };
}

function ownConfig(text: string): NetConf | undefined {
  try {
    const list = JSON.parse(text) as unknown;
    if (!isJsonObject(list)) return undefined;
    const plugins: readonly unknown[] = Array.isArray(list.plugins) ? list.plugins : [list];
    const own = plugins.filter(isJsonObject).find(({ type }) => type === PLUGIN);
    return own && configOf(own);
  } catch {
    return undefined; // What is no configuration is told by `conflist`.
  }
}

function configOf(entry: object): NetConf {
  return parseNetConf(parseEntry(JSON.stringify({ ...entry, name: 'node' })));
}
