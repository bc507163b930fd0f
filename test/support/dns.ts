/** A query for the address of `name`, e.g. `"shop.example"` (RFC 1035, section 4). */
export function renderQuery(name: string): Buffer {
  const header = Buffer.from([0x51, 0x1c, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
  const labels = name.split('.').map((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.concat([header, Buffer.from([...labels.flat(), 0, 0, 1, 0, 1])]);
}

/** The answer to such a query: one A record, e.g. `"192.0.2.1"`. */
export function renderAnswer(query: Buffer, address: string): Buffer {
  const reply = Buffer.concat([
    query,
    Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  ]);
  reply.writeUInt16BE(0x8180, 2);
  reply.writeUInt16BE(1, 6);
  return reply;
}

/** The address in such an answer; the record is the last thing in it. */
export function parseAnswer(reply: Buffer): string {
  return reply.subarray(-4).join('.');
}

/** DNS over TCP puts the length in front. */
export function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
