import assert from 'node:assert/strict';
import { type Invocation } from '../../cni/spec/request.ts';
import { holdings, ours, withNetns } from './holdings.ts';
import { runPlugin } from './plugin.ts';
import { type Site } from './site.ts';

/** What an ADD that nothing disturbs leaves in a netns that nobody has touched, and how long it takes the second time. */
export async function undisturbed(
  { add }: Site,
  config: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly whole: readonly string[]; readonly ms: number }> {
  const request = (path: string): Invocation => add(path, { containerId: 'undisturbed', config });
  await withNetns(({ path }) => runPlugin(request(path)));
  return withNetns(async (netns) => {
    const startedAt = performance.now();
    const { exitCode, stdout, stderr } = await runPlugin(request(netns.path));
    const ms = performance.now() - startedAt;
    assert.equal(exitCode, 0, `${stdout}${stderr}`);
    const whole = ours(await holdings(netns));
    for (const place of ['ip ', 'ip6 ', 'address ']) {
      const isThere = whole.some((line) => line.startsWith(place));
      assert.ok(isThere, `nothing in ${place}`);
    }
    return { whole, ms };
  });
}
