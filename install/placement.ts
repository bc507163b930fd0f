import { chain, type Entry, standing } from './conflist.ts';
import { generatedList, isGenerated } from './generated.ts';
import { type Configuration, type NetFile, parseNetFile } from './netdir.ts';
import { type Cause, type Observed, type Step, type Wanted } from './observed.ts';

/** Where our entry belongs, and what it takes to have it there. */
export interface Placement {
  /** The files, relative to the CNI configuration directory, that may hold our entry. */
  readonly keep: readonly string[];
  readonly steps: readonly Step[];
  readonly obstacle: string | undefined;
}

type List = Configuration & { readonly is: 'list' };
type Usable = Exclude<Configuration, { readonly is: 'broken' }>;

/** libcni appends the plugins in the order of their file names. */
export const DROP_IN = '99-sluice.conf';

export function placement(observed: Observed, wanted: Wanted): Placement {
  const first = observed.files.find((file) => !isOurs(file, wanted));
  if (!first) return blocked([], 'there is no network configuration yet: install the main CNI');
  const primary = parseNetFile(first);
  if (primary.is === 'broken') {
    return blocked(
      everything(observed),
      `"${first.name}" ${primary.problem}: its owner has to write it`,
    );
  }
  if (wanted.mode === 'drop-in') return inDropIns(observed, wanted.entry, primary);
  if (wanted.mode === 'own' || primary.is === 'single') return inOwnList(observed, wanted, primary);
  return inPrimary(primary, wanted.entry);
}

/** Whether what the runtime loads has an entry of ours at its end, of whatever version. */
export function holdsOurs({ files, dropIns }: Observed, type: string): boolean {
  const [first] = files;
  const loaded = first && parseNetFile(first);
  if (loaded?.is !== 'list') return false;
  const plugins = dropIns.find(({ network }) => network === loaded.name)?.files ?? [];
  return loaded.types.at(-1) === type || plugins.at(-1)?.name === DROP_IN;
}

function inPrimary(primary: List, entry: Entry): Placement {
  const { file, text, types } = primary;
  if (types.every((type) => type === entry.type)) {
    return blocked([file], `"${file}" holds no plugin but ours: install the main CNI`);
  }
  const found = standing(text, entry);
  if (found === 'right') return placed(file, []);
  return placed(file, [netWrite(file, chain(text, entry), { basedOn: text, cause: found })]);
}

function inOwnList(observed: Observed, wanted: Wanted, primary: Usable): Placement {
  const { ownList, entry } = wanted;
  const existing = observed.files.find(({ name }) => name === ownList);
  if (existing && !isOurs(existing, wanted)) {
    const obstacle = `"${ownList}" is not ours: choose another name for our list`;
    return blocked(everything(observed), obstacle);
  }
  if (Buffer.compare(Buffer.from(ownList), Buffer.from(primary.file)) > 0) {
    const advice = `choose a name for our list that sorts before it, unlike "${ownList}"`;
    return blocked(everything(observed), `the runtime loads "${primary.file}": ${advice}`);
  }
  const text = generatedList(primary, entry);
  const basedOn = existing && 'text' in existing ? existing.text : undefined;
  if (basedOn === text) return placed(ownList, []);
  const cause = basedOn === undefined ? 'entry-missing' : causeOf(basedOn, entry);
  return placed(ownList, [netWrite(ownList, text, { basedOn, cause })]);
}

function inDropIns(observed: Observed, entry: Entry, primary: Usable): Placement {
  const { name: network, file } = primary;
  const need = primary.is === 'single' ? 'a ".conflist"' : 'no "loadOnlyInlinedPlugins"';
  if (primary.is === 'single' || !primary.takesDropIns) {
    const obstacle = `"${file}" takes no plugins from a directory: wanted ${need}`;
    return blocked(everything(observed), obstacle);
  }
  const others = observed.dropIns.find((each) => each.network === network)?.files ?? [];
  const name = `${network}/${DROP_IN}`;
  const found = others.find((each) => each.name === DROP_IN);
  const text = `${JSON.stringify(entry, undefined, 2)}\n`;
  const basedOn = found && 'text' in found ? found.text : undefined;
  const cause = basedOn === undefined ? 'entry-missing' : 'entry-changed';
  const steps = basedOn === text ? [] : [netWrite(name, text, { basedOn, cause })];
  const last = others.at(-1)?.name ?? DROP_IN;
  if (last <= DROP_IN) return placed(name, steps);
  return { keep: [name], steps, obstacle: `"${network}/${last}" comes after our entry: rename it` };
}

/** A list that is ours and differs: by our entry, or by what the primary holds now. */
function causeOf(text: string, entry: Entry): Cause {
  try {
    const found = standing(text, entry);
    return found === 'right' ? 'primary-changed' : found;
  } catch {
    return 'entry-missing'; // torn, so the runtime finds nothing in it
  }
}

/** An empty file of our name is what a power loss leaves of ours on some file systems. */
function isOurs(file: NetFile, { ownList }: Wanted): boolean {
  if (!('text' in file)) return false;
  return isGenerated(file.text) || (file.name === ownList && file.text.trim() === '');
}

/** While nothing can be put right, whatever holds our entry keeps it. */
function everything({ files, dropIns }: Observed): string[] {
  const plugins = dropIns.flatMap((each) =>
    each.files.map(({ name }) => `${each.network}/${name}`),
  );
  return [...files.map(({ name }) => name), ...plugins];
}

function netWrite(
  name: string,
  text: string,
  { basedOn, cause }: { readonly basedOn: string | undefined; readonly cause: Cause },
): Step {
  return { do: 'write', place: 'net', name, text, basedOn, cause };
}

function placed(name: string, steps: readonly Step[]): Placement {
  return { keep: [name], steps, obstacle: undefined };
}

function blocked(keep: readonly string[], obstacle: string): Placement {
  return { keep, steps: [], obstacle };
}
