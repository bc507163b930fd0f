import { type Hash } from 'node:crypto';
import { type Libc } from './libc.ts';
import { type Attribute, attributes, changing, dump, NetlinkError } from './netlink.ts';

/** @see https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter/nf_tables.h */
const NETLINK_NETFILTER = 12;
const SUBSYSTEM = 10 << 8;
const NFGENMSG = 4;
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
    dump(libc, request, (_, body) => {
      bytes += body.length;
      const now = body.readUInt16BE(GENERATION_AT);
      if ((generation ??= now) !== now) throw changing();
      for (const attribute of attributes(body.subarray(NFGENMSG))) {
        if (!kind.passing.includes(attribute.type)) hashAttribute(hash, attribute, kind);
      }
    });
  }
  return { bytes, generation };
}

function hashAttribute(hash: Hash, { type, body, whole }: Attribute, { expressions }: Kind): void {
  if (type !== expressions) {
    hash.update(whole);
    return;
  }
  for (const { body: element } of attributes(body)) {
    const [name, data] = [...attributes(element)];
    if (name === undefined) continue;
    hash.update(name.whole);
    if (data && name.body.toString('latin1') !== 'counter\0') hash.update(data.whole);
  }
}
