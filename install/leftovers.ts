import { unchain } from './conflist.ts';
import { isGenerated } from './generated.ts';
import { type NetFile, parseNetFile } from './netdir.ts';
import { type Observed, type Step } from './observed.ts';
import { DROP_IN } from './placement.ts';

/**
 * What it takes to have our entry nowhere but in the files to keep: an entry of ours is cut out of a file that is
 * another's, and a file that we made is removed. With nothing to keep, this is the way back.
 */
export function leftovers(
  { files, dropIns }: Pick<Observed, 'files' | 'dropIns'>,
  { type, keep }: { readonly type: string; readonly keep: readonly string[] },
): Step[] {
  const inLists = files.flatMap((file) => inList(file, type));
  const inDirectories = dropIns.flatMap(({ network, files: plugins }) =>
    plugins.filter((plugin) => isOwnPlugin(plugin, type)).map((plugin) => remove(plugin, network)),
  );
  return [...inLists, ...inDirectories].filter(({ name }) => !keep.includes(name));
}

/**
 * Of plugins for a network that is there: one of ours that lost its plugin when we were killed. A runtime makes nothing
 * of it, whoever made it.
 */
export function emptyDirectories({
  files,
  dropIns,
}: Pick<Observed, 'files' | 'dropIns'>): string[] {
  const networks = files.map(parseNetFile).flatMap((each) => ('name' in each ? [each.name] : []));
  return dropIns
    .filter((each) => each.files.length === 0 && networks.includes(each.network))
    .map(({ network }) => network);
}

type NetStep = Exclude<Step, { readonly do: 'install' }>;

function inList(file: NetFile, type: string): NetStep[] {
  if (!('text' in file)) return [];
  const { name, text: basedOn } = file;
  if (isGenerated(basedOn)) return [remove(file)];
  if (parseNetFile(file).is !== 'list') return [];
  const text = unchain(basedOn, type);
  if (text === basedOn) return [];
  return [{ do: 'write', place: 'net', name, text, basedOn, cause: 'left-over' }];
}

function isOwnPlugin(file: NetFile, type: string): file is NetFile & { readonly text: string } {
  if (file.name !== DROP_IN || !('text' in file)) return false;
  try {
    const value: unknown = JSON.parse(file.text);
    return typeof value === 'object' && value !== null && 'type' in value && value.type === type;
  } catch {
    return false;
  }
}

function remove({ name, text }: NetFile & { readonly text: string }, directory?: string): NetStep {
  const path = directory === undefined ? name : `${directory}/${name}`;
  return { do: 'remove', place: 'net', name: path, basedOn: text, cause: 'left-over' };
}
