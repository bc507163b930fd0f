import { type Entry } from '../../install/conflist.ts';
import { PLUGIN } from '../../install/entry.ts';
import { generatedList, isGenerated } from '../../install/generated.ts';
import { isStaged } from '../../install/replace.ts';
import { type Finding, finding } from './finding.ts';
import { type Loaded } from './loaded.ts';
import { type Listed, type Observation } from './observe.ts';

/** What stands beside the file that is loaded, and what that one is made of. */
export function oddFiles({ files, others }: Observation, loaded: Loaded | undefined): Finding[] {
  return [
    ...files.slice(1).flatMap(brokenLater),
    ...files.flatMap(writable),
    ...sameNetwork(files),
    ...staleList(files, loaded),
    ...others.flatMap(leftover),
  ];
}

function brokenLater({ name, configuration }: Listed): Finding[] {
  if (configuration.is !== 'broken') return [];
  return [finding('later-broken', name, `"${name}" ${configuration.problem}`)];
}

function writable({ name, mode }: Listed): Finding[] {
  const bits = Number.parseInt(mode ?? '0', 8);
  if ((bits & 0o022) === 0) return [];
  return [finding('writable-by-others', name, `"${name}" has mode ${mode ?? ''}`)];
}

/** An old `.conf` beside the `.conflist` of the same network: whichever sorts first wins, also after an upgrade. */
function sameNetwork(files: readonly Listed[]): Finding[] {
  const byNetwork = Map.groupBy(
    files.filter(({ text = '' }) => !isGenerated(text)),
    ({ configuration }) => (configuration.is === 'broken' ? '' : configuration.name),
  );
  return [...byNetwork].flatMap(([network, [first, ...rest]]) => {
    if (network === '' || !first || rest.length === 0) return [];
    const names = [first, ...rest].map(({ name }) => `"${name}"`).join(' and ');
    const message = `${names} are both of network "${network}": "${first.name}" sorts first`;
    return [finding('same-network', first.name, message)];
  });
}

/** A list of our own must say what the primary says. */
function staleList(files: readonly Listed[], loaded: Loaded | undefined): Finding[] {
  const { text = '', name } = loaded?.file ?? { name: '' };
  const primary = files.find((file) => !isGenerated(file.text ?? ''))?.configuration;
  const entry = loaded?.plugins.find(({ type }) => type === PLUGIN)?.entry;
  if (!isGenerated(text) || !primary || primary.is === 'broken' || !entry) return [];
  if (madeOf(primary, { ...entry, type: PLUGIN }) === text) return [];
  return [
    finding('generated-stale', name, `"${name}" is not what "${primary.file}" would make it now`),
  ];
}

function madeOf(primary: Parameters<typeof generatedList>[0], entry: Entry): string | undefined {
  try {
    return generatedList(primary, entry);
  } catch {
    return undefined; // The primary has come to hold nothing but our own entry.
  }
}

function leftover(name: string): Finding[] {
  if (isStaged(name))
    return [finding('leftover', name, `"${name}" is of a write of ours that was cut short`)];
  if (name.endsWith('.cilium_bak')) {
    return [finding('renamed-by-owner', name, `"${name}" was put out of the way by Cilium`)];
  }
  if (!/\.(bak|orig|old|save|swp|tmp|rpmsave|rpmnew|dpkg-\w+)$|~$/.test(name)) return [];
  return [finding('leftover', name, `"${name}" is a copy that no runtime reads`)];
}
