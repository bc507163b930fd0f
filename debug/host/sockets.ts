/** A TCP socket that listens, and whose it is. */
export interface Listener {
  readonly port: number;
  readonly uid: number;
}

export interface Sockets {
  readonly listeners: readonly Listener[];
  /** How many connections are open with others. */
  readonly connections: number;
}

const [ESTABLISHED, LISTEN] = ['01', '0A'];

/**
 * Reads what `/proc/net/tcp` and `/proc/net/tcp6` hold, one behind the other.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/Documentation/networking/proc_net_tcp.rst
 */
export function parseSockets(text: string): Sockets {
  const rows = text.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state = '', , , , uid = ''] = line.trim().split(/\s+/);
    return /^[0-9A-F]+:[0-9A-F]{4}$/.test(local)
      ? [{ local, remote, state, uid: Number(uid) }]
      : [];
  });
  return {
    listeners: rows
      .filter(({ state }) => state === LISTEN)
      .map(({ local, uid }) => ({ port: Number.parseInt(local.slice(-4), 16), uid })),
    connections: rows.filter(({ state, remote }) => state === ESTABLISHED && !isLoopback(remote))
      .length,
  };
}

/** 127.0.0.0/8, also mapped, and ::1; in the words of a little-endian machine. */
function isLoopback(address: string): boolean {
  return /^(0{16}FFFF0000)?[0-9A-F]{6}7F:|^0{24}01000000:/.test(address);
}
