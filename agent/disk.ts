import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../cni/facts/json.ts';
import { codeOf } from '../cni/fileerror.ts';
import { replaceFile, syncDirectory } from './durable.ts';
import { cutPod, type Pod } from './pod.ts';

/** A pod, and when the API server last told it so. */
export interface Fact {
  readonly pod: Pod;
  /** RFC 3339. */
  readonly observedAt: string;
}

/** By UID; undefined: to be removed. */
export type Changes = ReadonlyMap<string, Fact | undefined>;

/** What lies in a directory of facts; files that are torn or not ours are passed over. Changes nothing. */
export async function readFacts(directory: string): Promise<Fact[]> {
  const names = await namesIn(directory);
  const facts = await Promise.all(names.map((name) => readFact(directory, name)));
  return facts.flatMap((fact) => fact ?? []);
}

/** Removes what a power loss has left of writes. Only for the agent, and before it writes. */
export async function sweepFacts(directory: string): Promise<void> {
  const torn = (await namesIn(directory)).filter(isTemporary);
  await Promise.all(torn.map((name) => rm(join(directory, name), { force: true })));
}

/** Makes the directory hold these changes as well, also after a power loss. */
export async function writeFacts(directory: string, changes: Changes): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const [uid, fact] of changes) {
    const path = join(directory, fileName(uid));
    if (fact) await replaceFile(path, `${JSON.stringify({ schema: 1, ...fact })}\n`);
    else await rm(path, { force: true });
  }
  await syncDirectory(directory);
}

async function namesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  return names.sort();
}

function isTemporary(name: string): boolean {
  return name.endsWith('.tmp');
}

async function readFact(directory: string, name: string): Promise<Fact | undefined> {
  if (isTemporary(name)) return undefined;
  const path = join(directory, name);
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const fact = parseFact(await file.readFile('utf8'));
      return fact && fileName(fact.pod.metadata.uid) === name ? fact : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined; // What cannot be read is asked for again.
  }
}

function parseFact(text: string): Fact | undefined {
  const value = JSON.parse(text) as unknown;
  if (!isObject(value) || value.schema !== 1 || typeof value.observedAt !== 'string') {
    return undefined;
  }
  return { pod: cutPod(value.pod), observedAt: value.observedAt };
}

function fileName(uid: string): string {
  return `${encodeURIComponent(uid)}.json`;
}
