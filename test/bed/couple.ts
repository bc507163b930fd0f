import { type Socket } from 'node:net';

/** Makes one connection of two. Who is cut off on one side has nobody to speak to on the other. */
export function couple(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => undefined);
    from.on('close', () => to.destroy());
  }
}
