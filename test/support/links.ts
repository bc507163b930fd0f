import { execa } from 'execa';
import { type Netns } from './netns.ts';

/** One end of a veth pair. */
export interface End {
  readonly netns: Netns;
  readonly name: string;
  /** With the length of the prefix, e.g. `10.0.0.1/24`. */
  readonly addresses: readonly string[];
}

/** Links two netns; both ends are up and have their addresses. */
export async function link(one: End, other: End): Promise<void> {
  const pair = `link add ${one.name} type veth peer name ${other.name} netns ${other.netns.name}`;
  await ip(one.netns, [pair, ...addresses(one)]);
  await ip(other.netns, addresses(other));
}

/** Runs lines as `addr add 10.0.0.1/24 dev eth0` inside a netns. */
export async function ip({ name }: Netns, lines: readonly string[]): Promise<void> {
  await execa('ip', ['-n', name, '-batch', '-'], { input: lines.join('\n') });
}

function addresses(end: End): string[] {
  const added = end.addresses.map((address) => `addr add ${address} dev ${end.name}`);
  return [...added, `link set ${end.name} up`];
}
