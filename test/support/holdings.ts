import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { createNetns, type Netns, removeNetns } from './netns.ts';
import { type Ended } from './plugin.ts';
import { inNetns } from './scratch.ts';

/** Works in a netns that nobody has touched, and removes it. */
export async function withNetns<T>(work: (netns: Netns) => Promise<T>): Promise<T> {
  const name = `sluice-test-${process.pid}-${randomBytes(3).toString('hex')}`;
  try {
    return await work(await createNetns(name));
  } finally {
    await removeNetns(name);
  }
}

/** An interface with these addresses. */
export async function addInterface(netns: Netns, addresses: readonly string[]): Promise<void> {
  const lines = [
    'link add eth0 type veth peer name eth1',
    ...addresses.map((address) => `addr add ${address} dev eth0 nodad`),
    'link set eth1 up',
    'link set eth0 up',
  ];
  await execa('ip', ['-n', netns.name, '-batch', '-'], { input: lines.join('\n') });
}

// Looking at legacy tables brings them into being, so that they are read only where they are.
const LIST = `
for family in ip ip6; do
  echo "# $family nft"; "$family"tables-nft-save 2>/dev/null
  if grep -q . /proc/net/"$family"_tables_names 2>/dev/null; then echo "# $family legacy"; "$family"tables-legacy-save; fi
done
for option in -4 -6; do
  echo "# $option rule"; ip $option rule show
  echo "# $option route"; ip $option route show table 133 2>/dev/null
done
echo '# address'; ip -6 -oneline addr show dev lo`;

/**
 * All that an ADD may add to a netns, and what others have put there of the same kind, e.g. `ip nft nat -A OUTPUT …`.
 * A chain's rules are in the order of the kernel; the order of chains means nothing, and is made one.
 */
export async function holdings(netns: Netns): Promise<string[]> {
  const byChain = Map.groupBy(
    await list(netns),
    (line) => /^(\S+ \S+ \S+ )(?::|-A )(\S+)/.exec(line)?.slice(1).join('') ?? line,
  );
  return [...byChain].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, own]) => own);
}

async function list(netns: Netns): Promise<string[]> {
  let place = '';
  let table = '';
  return (await inNetns(netns, ['sh', '-c', LIST])).split('\n').flatMap((line) => {
    const [, heading] = /^# ((?:ip6? (?:nft|legacy)|-[46] \w+|address)$)/.exec(line) ?? [];
    if (heading !== undefined) place = heading;
    if (line.startsWith('*')) table = line.slice(1);
    if (place.startsWith('ip')) {
      const isThing = /^-A |^:(?!.* ACCEPT )/.test(line);
      return isThing ? [`${place} ${table} ${line.replace(/ \[\d+:\d+\]$/, '')}`] : [];
    }
    return /fwmark|^local default|inet6 ::6\//.test(line) ? [`${place} ${line.trim()}`] : [];
  });
}

/** Of these, what is ours, or an istio-init's. */
export function ours(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('ip') || /ISTIO_|sluice:/.test(line));
}

/** Waits for the last process in the netns: one that a killed plugin started goes on without it. */
export async function settle(netns: Netns): Promise<void> {
  for (;;) {
    const { stdout } = await execa('ip', ['netns', 'pids', netns.name]);
    if (stdout === '') return;
    await sleep(10);
  }
}

/** After an ADD: all that is wanted is there, in both families and in order, or nothing is and the ADD failed. */
export async function assertWholeOrNothing(
  netns: Netns,
  { exitCode, stdout, stderr }: Ended,
  whole: readonly string[],
): Promise<void> {
  await settle(netns);
  const message = `exit code ${exitCode ?? 'none'}: ${stdout}${stderr}`;
  assert.deepEqual(ours(await holdings(netns)), exitCode === 0 ? whole : [], message);
}
