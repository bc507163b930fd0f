import { type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../../cni/spec/json.ts';
import { createFiles } from '../../install/files.ts';
import { type DropIns } from '../../install/observed.ts';
import { observeNet } from '../../install/observe.ts';
import { type Configuration, type NetFile, parseNetFile } from '../../install/netdir.ts';
import { couldNotTell, type Place } from '../command.ts';

/** A file that a runtime looks at. */
export interface Listed {
  readonly name: string;
  readonly text: string | undefined;
  readonly configuration: Configuration;
  /** RFC 3339. */
  readonly changedAt: string | undefined;
  /** e.g. `644` */
  readonly mode: string | undefined;
}

/** All that a diagnosis is made of. */
export interface Observation {
  /** In the order of the runtime. */
  readonly files: readonly Listed[];
  readonly dropIns: readonly DropIns[];
  /** Names in the directory that no runtime looks at. */
  readonly others: readonly string[];
  /** Where plugins were looked for; undefined where there is no such directory. */
  readonly binDir: string | undefined;
  /** Whether there is an executable of a plugin's type, or a file of that path. */
  readonly isThere: (what: { readonly type: string } | { readonly path: string }) => boolean;
}

/** @throws {CommandError} `unknown` when the directory cannot be read */
export async function observeConflists({ netDir, binDir }: Place): Promise<Observation> {
  const names = await readdir(netDir).catch((cause: unknown) => {
    throw couldNotTell(`cannot read the CNI configuration directory "${netDir}"`, cause);
  });
  const { files: found, dropIns } = await observeNet(netDir, createFiles());
  const files = await Promise.all(found.map((file) => listed(netDir, file)));
  const read = found.map(({ name }) => name);
  const others = names.filter(
    (name) => !read.includes(name) && !dropIns.some(({ network }) => network === name),
  );
  const there = await pathsThere(files, dropIns, binDir);
  const isThere: Observation['isThere'] = (what) =>
    there.has('path' in what ? what.path : join(binDir, what.type));
  const hasBinDir = await stat(binDir).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return { files, dropIns, others: others.sort(), binDir: hasBinDir ? binDir : undefined, isThere };
}

async function listed(netDir: string, file: NetFile): Promise<Listed> {
  const stats = await stat(join(netDir, file.name)).catch(() => undefined);
  return {
    name: file.name,
    text: 'text' in file ? file.text : undefined,
    configuration: parseNetFile(file),
    changedAt: stats?.mtime.toISOString(),
    mode: stats && (stats.mode & 0o777).toString(8),
  };
}

async function pathsThere(
  files: readonly Listed[],
  dropIns: readonly DropIns[],
  binDir: string,
): Promise<Set<string>> {
  const texts = [...files, ...dropIns.flatMap((each) => each.files)].flatMap((file) =>
    'text' in file && file.text !== undefined ? [file.text] : [],
  );
  const paths = texts
    .flatMap((text) => pluginsIn(text))
    .flatMap(({ type, kubeconfig }) => [
      join(binDir, type),
      ...(kubeconfig === undefined ? [] : [kubeconfig]),
    ]);
  const isFile = async (path: string): Promise<boolean> =>
    (await stat(path).catch((): Stats | undefined => undefined))?.isFile() === true;
  const there = await Promise.all(paths.map(isFile));
  return new Set(paths.filter((_, i) => there[i]));
}

export interface PluginEntry {
  readonly type: string;
  readonly kubeconfig: string | undefined;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** The plugins of a list, or the one of a single configuration; `[]` for what is neither. */
export function pluginsIn(text: string): PluginEntry[] {
  try {
    const value = JSON.parse(text) as unknown;
    if (!isJsonObject(value)) return [];
    const plugins: readonly unknown[] = Array.isArray(value.plugins) ? value.plugins : [value];
    return plugins.filter(isJsonObject).flatMap((entry) => {
      const { type, apiFallback } = entry;
      const path = isJsonObject(apiFallback) ? apiFallback.kubeconfig : undefined;
      const kubeconfig = typeof path === 'string' ? path : undefined;
      return typeof type === 'string' ? [{ type, kubeconfig, entry }] : [];
    });
  } catch {
    return []; // Its problem is told where it is parsed as the runtime does.
  }
}
