// Builds executables into dist/, where they are not fresh: those named as arguments, or all. Only
// one for another architecture needs the network, once; unless named, it is left out without it.
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Architecture, provideBase } from './base.ts';
import { bundle } from './bundle.ts';
import { isFresh, writeExecutable } from './executable.ts';
import { lockedPackage } from './lock.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const home = join(dist, '.base');
const lockfile = join(root, 'package-lock.json');

/** What `npm run build` makes, by name. `empty` does nothing: it is what others are measured against. */
const entries = new Map<string, { entry: string; arch: Architecture }>([
  ['sluice-cni', { entry: 'cni/main.ts', arch: own() }],
  ['empty', { entry: 'image/empty.ts', arch: own() }],
  [`sluice-cni-${other()}`, { entry: 'cni/main.ts', arch: other() }],
]);

await removeLeftovers();
const named = process.argv.slice(2);
for (const name of named.length > 0 ? named : entries.keys()) {
  try {
    await build(name);
  } catch (error) {
    say(`cannot build dist/${name}: ${reason(error)}`);
    process.exitCode = 1;
  }
}

async function build(name: string): Promise<void> {
  const { entry, arch } = entries.get(name) ?? {};
  if (entry === undefined || arch === undefined) {
    throw new RangeError(`cannot build "${name}": expected ${[...entries.keys()].join(', ')}`);
  }
  const version = await ownVersion();
  const script = await bundle(join(root, entry), version);
  const ingredients = { script, arch, recipe: await recipe() };
  const output = join(dist, name);
  if (await isFresh(output, ingredients)) return;

  say(`packaging dist/${name} (linux-${arch}) …`);
  const started = performance.now();
  await mkdir(home, { recursive: true });
  const locked = lockedPackage(`node-linux-${arch}`, lockfile);
  try {
    await provideBase(arch, { locked, modules: join(root, 'node_modules'), home });
  } catch (error) {
    if (arch === own() || named.includes(name)) throw error;
    say(`left out dist/${name}: ${reason(error)}`);
    return;
  }
  await writeExecutable(output, ingredients, { dist, home });
  say(`packaged dist/${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** What builds that were killed left behind; no build takes an hour. */
async function removeLeftovers(): Promise<void> {
  for (const path of globSync(join(dist, '.build-*'))) {
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
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

function own(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'x64';
}

function other(): Architecture {
  return own() === 'x64' ? 'arm64' : 'x64';
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
