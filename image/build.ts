// Builds executables into dist/, where they are not fresh: those named as arguments, or all. Only
// one for another architecture needs the network, once; unless named, it is left out without it.
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Architecture, provideBase } from './base.ts';
import { bundle } from './bundle.ts';
import { isFresh, writeExecutable } from './executable.ts';
import { lockedPackage } from './lock.ts';
import { npmPack, packageFile } from './npm.ts';
import { type Caches, writeCaches } from './warm.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const home = join(dist, '.base');
const places = { modules: join(root, 'node_modules'), cache: home, pack };
const lockfile = join(root, 'package-lock.json');

const own: Architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
const other: Architecture = own === 'x64' ? 'arm64' : 'x64';

interface Program {
  readonly entry: string;
  readonly arch: Architecture;
  /** Has what only the plugin needs: a native library, and the programs that it starts when told by an argument. */
  readonly whole: boolean;
}

/** They are heavy, and cost the plugin nothing: an asset is not read unless it is asked for. */
const inside = { 'agent.cjs': 'agent/main.ts', 'debug.cjs': 'debug/main.ts' };

/** What `npm run build` makes, by name. `empty` does nothing: it is what others are measured against. */
const programs: Readonly<Record<string, Program>> = {
  'sluice-cni': { entry: 'cni/main.ts', arch: own, whole: true },
  empty: { entry: 'image/empty.ts', arch: own, whole: false },
  [`sluice-cni-${other}`]: { entry: 'cni/main.ts', arch: other, whole: true },
};

await mkdir(home, { recursive: true });
await removeLeftovers();
const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : Object.keys(programs)) {
  try {
    await build(name);
  } catch (error) {
    say(`cannot build dist/${name}: ${reason(error)}`);
    process.exitCode = 1;
  }
}

async function build(name: string): Promise<void> {
  const program = programs[name];
  if (program === undefined) {
    throw new RangeError(`expected one of ${Object.keys(programs).join(', ')}`);
  }
  const { entry, arch, whole } = program;
  const script = await bundle(join(root, entry), await ownVersion());
  let assets: Readonly<Record<string, string>>;
  try {
    assets = await provide(program);
  } catch (error) {
    if (arch === own || named.includes(name)) throw error;
    say(`left out dist/${name}: ${reason(error)}`);
    return;
  }
  const warm = whole && arch === own ? await warmed(script) : undefined;
  const ingredients = {
    script: warm?.loader ?? script,
    arch,
    assets: { ...assets, ...warm?.assets },
    recipe: await recipe(),
  };
  const output = join(dist, name);
  if (await isFresh(output, ingredients)) return;

  say(`packaging dist/${name} (linux-${arch}) …`);
  const started = performance.now();
  if (warm) await writeCaches(warm.assets['plugin.cjs'], warm.caches);
  await writeExecutable(output, ingredients, { dist, home });
  say(`packaged dist/${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function pack(id: string, folder: string): Promise<void> {
  say(`fetching ${id} …`);
  await npmPack(id, folder);
}

/** Sees that all of a program's parts are there. */
async function provide({ arch, whole }: Program): Promise<Record<string, string>> {
  await provideBase(arch, { locked: lockedPackage(`node-linux-${arch}`, lockfile), places, home });
  if (!whole) return {};
  const koffi = lockedPackage(`@koromix/koffi-linux-${arch}`, lockfile);
  const assets = { 'koffi.node': await packageFile(koffi, `linux_${arch}/koffi.node`, places) };
  const scripts = Object.entries(inside).map(async ([name, entry]) => [name, await asset(entry)]);
  return { ...assets, ...(Object.fromEntries(await Promise.all(scripts)) as typeof assets) };
}

/** The plugin's script as an asset, beside what V8 makes of it, and the loader that puts both together. */
async function warmed(script: string): Promise<{
  readonly loader: string;
  readonly assets: { readonly 'plugin.cjs': string };
  readonly caches: Caches;
}> {
  const path = await keep(`(function (require) {${script}\n})`);
  const loader = await bundle(join(root, 'image/loader.ts'), await ownVersion());
  const caches = { add: `${path}.add.cache`, del: `${path}.del.cache` };
  const assets = {
    'plugin.cjs': path,
    'plugin.add.cache': caches.add,
    'plugin.del.cache': caches.del,
  };
  return { loader, assets, caches };
}

/** A script's path tells what is in it, as an executable is fresh while it is made of the same paths. */
async function asset(entry: string): Promise<string> {
  return keep(await bundle(join(root, entry), await ownVersion()));
}

async function keep(script: string): Promise<string> {
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 16);
  const path = join(home, `script-${hash}`);
  await writeFile(path, script);
  return path;
}

/** What builds that were killed left behind; no build takes an hour. */
async function removeLeftovers(): Promise<void> {
  for (const path of globSync([
    join(dist, '.build-*'),
    join(home, 'base-*'),
    join(home, 'fetch-*'),
    join(home, 'script-*'),
  ])) {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

async function recipe(): Promise<string> {
  const files = [...globSync(join(import.meta.dirname, '*.ts')).sort(), lockfile];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.map((file, i) => `${basename(file)}\n${texts[i] ?? ''}`).join('');
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
