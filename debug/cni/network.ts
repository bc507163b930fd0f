import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { IMPLIED_VERSION } from '../../cni/spec/version.ts';
import { isJsonObject } from '../../cni/spec/json.ts';
import { ownEntry, PLUGIN } from '../../install/entry.ts';
import { createFiles } from '../../install/files.ts';
import { parseNetFile } from '../../install/netdir.ts';
import { observeNet } from '../../install/observe.ts';
import { CommandError, type Place, usageError } from '../command.ts';
import { loadedBy } from '../conflist/loaded.ts';
import { type Observation, observeConflists, pluginsIn } from '../conflist/observe.ts';
import { type Network } from './call.ts';

/** The first version with all verbs. */
const ALONE = { name: 'sluice', cniVersion: '1.1.0' };

/** Our plugin alone, with the entry that the node has for it, or else the one that an installation would write. */
export async function ownNetwork(place: Place): Promise<Network> {
  const loaded = await observeConflists(place).then(loadedBy, (error: unknown) => {
    if (error instanceof CommandError) return undefined;
    throw error;
  });
  const own = loaded?.plugins.find(({ type }) => type === PLUGIN)?.entry ?? ownEntry();
  return { ...ALONE, ...(loaded && { name: loaded.network }), plugins: [own] };
}

/** All plugins of a network configuration, those of its drop-in directory too. @throws {CommandError} `usage` */
export async function readNetwork(file: string): Promise<Network> {
  const name = basename(file);
  const configuration = parseNetFile({ name, text: textOf(file) });
  if (configuration.is === 'broken') {
    throw usageError(`cannot use "${file}": it ${configuration.problem}`);
  }
  const { dropIns } = await observeNet(dirname(file), createFiles());
  const listed = {
    name,
    text: configuration.text,
    configuration,
    changedAt: undefined,
    mode: undefined,
  };
  const observation: Observation = {
    files: [listed],
    dropIns,
    others: [],
    binDir: undefined,
    isThere: () => true,
  };
  const plugins =
    loadedBy(observation)?.plugins ??
    pluginsIn(configuration.text).map((each) => ({ ...each, from: name }));
  return {
    name: configuration.name,
    cniVersion: versionIn(configuration.text),
    plugins: plugins.map(({ entry }) => entry),
  };
}

/** The network with keys of our own entry set, e.g. `stateDir=/tmp/x`; a value that is JSON is taken as that. */
export function withKeys(network: Network, pairs: readonly string[]): Network {
  const keys = Object.fromEntries(pairs.map(parsePair));
  const plugins = network.plugins.map((plugin) =>
    plugin.type === PLUGIN ? { ...plugin, ...keys } : plugin,
  );
  return { ...network, plugins };
}

function parsePair(pair: string): [string, unknown] {
  const at = pair.indexOf('=');
  if (at < 1) throw usageError(`cannot read "${pair}": wanted <key>=<value>`);
  const [key, text] = [pair.slice(0, at), pair.slice(at + 1)];
  try {
    return [key, JSON.parse(text) as unknown];
  } catch {
    return [key, text];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usageError(
      `cannot read "${file}": ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

function versionIn(text: string): string {
  const value = JSON.parse(text) as unknown;
  const version = isJsonObject(value) ? value.cniVersion : undefined;
  return typeof version === 'string' ? version : IMPLIED_VERSION;
}
