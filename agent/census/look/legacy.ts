import { type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Family } from '../../../cni/redirect/cidrs.ts';
import { type Libc, required, withSocket } from './libc.ts';
import { MOST_BYTES, tooMuch } from './netlink.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter_ipv4/ip_tables.h */
const GET_INFO = 64;
const GET_ENTRIES = 65;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const INFO_BYTES = 84;
const INFO_SIZE_AT = 80;
/** `struct ipt_get_entries`: the table's name, the size and its padding. */
const HEAD_BYTES = 40;

/** Where an entry tells the offset of the next, and what the kernel counts in it. */
interface Layout {
  readonly domain: number;
  readonly level: number;
  readonly names: string;
  readonly nextAt: number;
  readonly passing: readonly (readonly [start: number, end: number])[];
}
const LAYOUTS: Readonly<Record<Family, Layout>> = {
  ipv4: {
    domain: 2,
    level: 0,
    names: 'ip_tables_names',
    nextAt: 90,
    passing: [[92, 112]],
  },
  ipv6: {
    domain: 10,
    level: 41,
    names: 'ip6_tables_names',
    nextAt: 142,
    passing: [[144, 168]],
  },
};

/** Tables that are there already: asking the kernel for any other would make it. */
export function legacyTables(family: Family): string[] {
  try {
    const text = readFileSync(`/proc/thread-self/net/${LAYOUTS[family].names}`, 'latin1');
    return text.split('\n').filter(Boolean).sort();
  } catch {
    return []; // The kernel has no legacy tables of this family, or has not loaded them.
  }
}

/**
 * Feeds legacy tables to a hash, without their counters.
 *
 * @returns their size; 0 where there are none
 */
export function hashLegacy(libc: Libc, hash: Hash, family: Family): number {
  const tables = legacyTables(family);
  if (tables.length === 0) return 0;
  const { domain } = LAYOUTS[family];
  return withSocket(libc, { domain, type: SOCK_RAW, protocol: IPPROTO_RAW }, (socket) => {
    let bytes = 0;
    for (const table of tables) {
      const found = entries(libc, socket, { family, table });
      hash.update(table).update(found);
      bytes += found.length;
    }
    return bytes;
  });
}

function entries(
  libc: Libc,
  socket: number,
  { family, table }: { family: Family; table: string },
): Buffer {
  const { level, nextAt, passing } = LAYOUTS[family];
  const ask = (option: number, answer: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(answer.length);
    answer.write(table, 'latin1');
    const result = libc.getsockopt(socket, level, option, answer, length);
    required(libc, `table ${table}`, result);
  };
  const info = Buffer.alloc(INFO_BYTES);
  ask(GET_INFO, info);
  const size = info.readUInt32LE(INFO_SIZE_AT);
  if (size > MOST_BYTES) throw tooMuch();
  const answer = Buffer.alloc(HEAD_BYTES + size);
  answer.writeUInt32LE(size, 32);
  ask(GET_ENTRIES, answer);
  const all = answer.subarray(HEAD_BYTES);
  for (let at = 0; at + nextAt + 2 <= all.length;) {
    for (const [start, end] of passing) all.fill(0, at + start, at + end);
    const next = all.readUInt16LE(at + nextAt);
    if (next === 0) break;
    at += next;
  }
  return all;
}
