import { PLUGIN } from '../../install/entry.ts';
import { DROP_IN } from '../../install/placement.ts';
import { type Listed, type Observation, type PluginEntry, pluginsIn } from './observe.ts';

/** What the runtime makes of the first file. */
export interface Loaded {
  readonly file: Listed;
  readonly network: string;
  /** In the order in which an ADD runs them; `from` names the file. */
  readonly plugins: readonly (PluginEntry & { readonly from: string })[];
  /** Of our entry, from 1; 0: it has none. */
  readonly position: number;
}

/** Undefined where there is no file, or the first one is broken. */
export function loadedBy({ files, dropIns }: Observation): Loaded | undefined {
  const [file] = files;
  if (file?.text === undefined || file.configuration.is === 'broken') return undefined;
  const { configuration } = file;
  const inline = pluginsIn(file.text).map((plugin) => ({ ...plugin, from: file.name }));
  const takes = configuration.is === 'list' && configuration.takesDropIns;
  const added = dropIns
    .filter(({ network }) => takes && network === configuration.name)
    .flatMap(({ network, files: plugins }) =>
      plugins.flatMap((plugin) =>
        'text' in plugin
          ? pluginsIn(plugin.text).map((each) => ({ ...each, from: `${network}/${plugin.name}` }))
          : [],
      ),
    );
  const plugins = [...inline, ...added];
  const position = plugins.findIndex(({ type }) => type === PLUGIN) + 1;
  return { file, network: configuration.name, plugins, position };
}

/** Names the files that hold an entry of ours but are not loaded. */
export function unloadedOurs(
  { files, dropIns }: Observation,
  loaded: Loaded | undefined,
): string[] {
  const lists = files
    .slice(loaded ? 1 : 0)
    .flatMap(({ name, text = '' }) =>
      pluginsIn(text).some(({ type }) => type === PLUGIN) ? [name] : [],
    );
  const froms = loaded?.plugins.map(({ from }) => from) ?? [];
  const directories = dropIns.flatMap(({ network, files: plugins }) =>
    plugins.some(({ name }) => name === DROP_IN) ? [`${network}/${DROP_IN}`] : [],
  );
  return [...lists, ...directories].filter((name) => !froms.includes(name));
}
