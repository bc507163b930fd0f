import { podName, readCalls } from '../history/calls.ts';
import { nameOf, type PodName } from '../pods.ts';

/** Where to look for a pod that was here once; undefined if no ADD of it is remembered. */
export async function whereGone(stateDir: string, wanted: PodName): Promise<string | undefined> {
  const name = nameOf(wanted);
  // What cannot be read is no reason to say less than without it.
  const calls = await readCalls(stateDir).catch(() => []);
  const names = calls.map(({ record }) => podName(record));
  const found = names.find((each) => each === name || each.endsWith(`/${name}`));
  if (found === undefined) return undefined;
  return `cannot find pod "${found}" on this node any more: \`history ${found}\` tells of its ADDs`;
}
