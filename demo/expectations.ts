import { readdir } from 'node:fs/promises';
import { meshedPod, unmeshedPod } from './pods.ts';
import { type RunningPod, type Stage } from './stage.ts';
import { readRules } from './rules.ts';
import { type Arrival } from './travel.ts';

/** Something that must hold; `seen` tells what is so instead, or what makes it so. */
export interface Expectation {
  readonly text: string;
  readonly holds: boolean;
  readonly seen: string;
}

/** What must be so beside the traffic, while the pods run. */
export async function whileRunning(
  { agent, meshed, unmeshed, world }: Stage,
  arrivals: readonly Arrival[],
): Promise<readonly Expectation[]> {
  const proxied = arrivals.filter(({ way }) => way.startsWith('sidecar, '));
  const own = await countRules(meshed);
  const untouched = await countRules(unmeshed);
  const asked = ({
    metadata: { namespace, name },
  }: typeof meshedPod | typeof unmeshedPod): number =>
    agent.requests.filter((request) => request.startsWith(`GET /v1/pods/${namespace}/${name}?`))
      .length;
  return [
    {
      text: 'the meshed pod has rules for both families',
      holds: own.ipv4 > 0 && own.ipv6 > 0,
      seen: `ipv4 ${own.ipv4}, ipv6 ${own.ipv6}`,
    },
    {
      text: 'the agent was asked for the meshed pod, once',
      holds: asked(meshedPod) === 1,
      seen: `${asked(meshedPod)} requests`,
    },
    {
      text: 'the un-meshed pod has no rule at all',
      holds: untouched.ipv4 + untouched.ipv6 === 0,
      seen: `ipv4 ${untouched.ipv4}, ipv6 ${untouched.ipv6}`,
    },
    {
      text: 'nobody was asked about the un-meshed pod',
      holds: asked(unmeshedPod) === 0,
      seen: `${asked(unmeshedPod)} requests`,
    },
    {
      text: 'the sidecar saw those connections and no others',
      holds: world.sidecar.passages().length === proxied.length,
      seen: `${world.sidecar.passages().length} of ${proxied.length}`,
    },
  ];
}

/** What must be so once DEL has been called for both pods. */
export async function afterwards({ stateDir }: Stage): Promise<readonly Expectation[]> {
  const records = await readdir(`${stateDir}/attachments`).catch(() => []);
  return [
    {
      text: 'DEL leaves no record behind',
      holds: records.length === 0,
      seen: records.join(', ') || 'none',
    },
  ];
}

async function countRules({ netns }: RunningPod): Promise<{ ipv4: number; ipv6: number }> {
  const count = (saved: string): number => saved.match(/^-A /gm)?.length ?? 0;
  return {
    ipv4: count(await readRules(netns, 'ipv4')),
    ipv6: count(await readRules(netns, 'ipv6')),
  };
}
