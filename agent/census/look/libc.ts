import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { loadKoffi, type SystemCall } from '../../../cni/kernel/native.ts';

/** The system calls that Node.js does not have and a look into a netns needs. */
export interface Libc {
  readonly setns: SystemCall;
  readonly socket: SystemCall;
  readonly send: SystemCall;
  readonly recv: SystemCall;
  readonly getsockopt: SystemCall;
  readonly setsockopt: SystemCall;
  readonly errno: () => number;
}

const PROTOTYPES = {
  setns: 'int setns(int, int)',
  socket: 'int socket(int, int, int)',
  send: 'long send(int, const uint8_t *, ulong, int)',
  recv: 'long recv(int, _Out_ uint8_t *, ulong, int)',
  getsockopt: 'int getsockopt(int, int, int, _Inout_ uint8_t *, _Inout_ uint8_t *)',
  setsockopt: 'int setsockopt(int, int, int, const uint8_t *, uint)',
};

/** @throws {AggregateError} when koffi cannot be loaded from any of the directories */
export function loadLibc(directories: readonly string[]): Libc {
  const { load, errno } = loadKoffi(directories);
  const library = load(null);
  const call = (name: keyof typeof PROTOTYPES): SystemCall => library.func(PROTOTYPES[name]);
  return {
    setns: call('setns'),
    socket: call('socket'),
    send: call('send'),
    recv: call('recv'),
    getsockopt: call('getsockopt'),
    setsockopt: call('setsockopt'),
    errno,
  };
}

/** The last call's error, e.g. `ENOENT`. */
export function errorName({ errno }: Libc): string {
  return getSystemErrorName(-errno());
}

/** @throws {Error} with the kernel's answer */
export function required(libc: Libc, what: string, result: number): number {
  if (result >= 0) return result;
  throw new Error(`cannot look into the netns: ${what} says ${errorName(libc)}`);
}

/** Gives work a socket of the netns that this thread is in. */
export function withSocket<T>(
  libc: Libc,
  { domain, type, protocol }: { domain: number; type: number; protocol: number },
  work: (socket: number) => T,
): T {
  const socket = required(libc, 'socket', libc.socket(domain, type | SOCK_CLOEXEC, protocol));
  try {
    return work(socket);
  } finally {
    closeSync(socket);
  }
}

const SOCK_CLOEXEC = 0o2_000_000;
