import { rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RecordedRules } from '../../cni/attachment.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type Setting } from '../../cni/redirect/settings.ts';
import { isJsonObject } from '../../cni/spec/json.ts';
import { codeOf } from '../../cni/fileerror.ts';
import { writeDurably } from '../../agent/durable.ts';

/** What `host apply` did to a netns; the JSON on the disk. */
export interface HostRecord {
  readonly schema: 1;
  /** RFC 3339. */
  readonly appliedAt: string;
  readonly version: string;
  readonly netns: { readonly path: string; readonly inode: number };
  /** The workload's. */
  readonly addresses: readonly string[];
  readonly settings: readonly Setting[];
  readonly backend: string;
  readonly families: readonly Family[];
  readonly rules: RecordedRules;
}

export async function writeHostRecord(stateDir: string, record: HostRecord): Promise<void> {
  const text = `${JSON.stringify(record, undefined, 2)}\n`;
  await writeDurably(pathOf(stateDir, record.netns.inode), text);
}

/** Undefined if there is none, or it is torn. */
export function readHostRecord(stateDir: string, inode: number): HostRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(pathOf(stateDir, inode), 'utf8')) as unknown;
    return isHostRecord(value) ? value : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function removeHostRecord(stateDir: string, inode: number): Promise<void> {
  await rm(pathOf(stateDir, inode), { force: true });
}

function pathOf(stateDir: string, inode: number): string {
  return join(stateDir, 'host', `${inode}.json`);
}

/** What is relied on; the rest was written by the same program. */
function isHostRecord(value: unknown): value is HostRecord {
  return (
    isJsonObject(value) &&
    value.schema === 1 &&
    typeof value.appliedAt === 'string' &&
    isJsonObject(value.rules) &&
    ['ipv4', 'ipv6'].every(
      (family) => isJsonObject(value.rules) && isJsonObject(value.rules[family]),
    ) &&
    Array.isArray(value.addresses) &&
    Array.isArray(value.families)
  );
}
