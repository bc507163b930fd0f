import { type Hash } from 'node:crypto';
import { type Libc } from './libc.ts';
import { changing, dump, NetlinkError } from './netlink.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter/nf_tables.h */
const NETLINK_NETFILTER = 12;
const SUBSYSTEM = 10 << 8;
const NFGENMSG = 4;
/** Of an attribute. */
const HEADER = 4;
const EXPRESSION_NAME = 1;
/** `res_id` of `struct nfgenmsg`. */
const GENERATION_AT = 2;
const EINVAL = 22;
/** Those whose tables iptables has. */
const FAMILIES = [2, 10];

interface Kind {
  readonly get: number;
  /** Attributes that differ between netns that hold the same: handles, positions, counters. */
  readonly passing: readonly number[];
  readonly expressions: number | undefined;
}
const CHAINS: Kind = { get: 4, passing: [2, 6, 8], expressions: undefined };
const RULES: Kind = { get: 7, passing: [3, 6, 8], expressions: 4 };

/** What was seen of chains and rules. */
export interface Seen {
  /** Of the kernel's answers. */
  readonly bytes: number;
  /** What the kernel counts up with each change in the netns, as far as it tells: the lower 16 bits. Undefined where there is nothing. */
  readonly generation: number | undefined;
}

/**
 * Feeds all chains and rules of both families to a hash, in the kernel's order and without what tells apart netns that hold
 * the same.
 *
 * @throws {Error} also when they changed meanwhile
 */
export function hashNftables(libc: Libc, hash: Hash): Seen {
  try {
    return hashAll(libc, hash);
  } catch (error) {
    // A kernel without nftables knows no such subsystem.
    if (error instanceof NetlinkError && error.errno === EINVAL) {
      return { bytes: 0, generation: undefined };
    }
    throw error;
  }
}

function hashAll(libc: Libc, hash: Hash): Seen {
  let bytes = 0;
  let generation: number | undefined;
  // Which family's tables were made first differs from pod to pod.
  const dumps = FAMILIES.flatMap((family) => [CHAINS, RULES].map((kind) => ({ family, kind })));
  for (const { family, kind } of dumps) {
    const request = {
      protocol: NETLINK_NETFILTER,
      type: SUBSYSTEM | kind.get,
      head: Uint8Array.of(family, 0, 0, 0),
    };
    hash.update(`\nnftables ${family}\n`);
    const sink = sinkOf(hash);
    dump(libc, request, (_, body) => {
      bytes += body.length;
      const now = body.readUInt16BE(GENERATION_AT);
      if ((generation ??= now) !== now) throw changing();
      takeMessage(body, kind, sink.add);
    });
    sink.flush();
  }
  return { bytes, generation };
}

type Add = (body: Buffer, start: number, end: number) => void;

function takeMessage(body: Buffer, { passing, expressions }: Kind, add: Add): void {
  walk(body, NFGENMSG, body.length, (type, start, end) => {
    if (type === expressions) takeExpressions(body, { start: start + HEADER, end }, add);
    else if (!passing.includes(type)) add(body, start, end);
  });
}

function takeExpressions(
  body: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  add: Add,
): void {
  walk(body, start, end, (_, elementStart, elementEnd) => {
    let counts = false;
    walk(body, elementStart + HEADER, elementEnd, (type, from, to) => {
      if (type === EXPRESSION_NAME)
        counts = body.toString('latin1', from + HEADER, to) === 'counter\0';
      if (type === EXPRESSION_NAME || !counts) add(body, from, to);
    });
  });
}

/** Each attribute's place, its header included. Without objects for each: a pod may have a million of them. */
function walk(
  body: Buffer,
  start: number,
  end: number,
  take: (type: number, start: number, end: number) => void,
): void {
  for (let at = start; at + HEADER <= end;) {
    const length = body.readUInt16LE(at);
    if (length < HEADER) return;
    take(body.readUInt16LE(at + 2) & 0x3fff, at, Math.min(at + length, end));
    at += (length + 3) & ~3;
  }
}

/** A hash takes long for many words, whatever their length. */
function sinkOf(hash: Hash): { readonly add: Add; readonly flush: () => void } {
  let length = 0;
  const flush = (): void => {
    hash.update(collected.subarray(0, length));
    length = 0;
  };
  return {
    add: (body, start, end) => {
      if (length + end - start > collected.length) flush();
      length += body.copy(collected, length, start, end);
    },
    flush,
  };
}

/** More than the largest attribute. */
const collected = Buffer.alloc(128 * 1024);
