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
  const passages = world.sidecar.passages().length;
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
      seen: tell(own),
    },
    {
      text: 'the agent was asked for the meshed pod, once',
      holds: asked(meshedPod) === 1,
      seen: count(asked(meshedPod), 'request'),
    },
    {
      text: 'the un-meshed pod has no rule at all',
      holds: untouched.ipv4 + untouched.ipv6 === 0,
      seen: tell(untouched),
    },
    {
      text: 'nobody was asked about the un-meshed pod',
      holds: asked(unmeshedPod) === 0,
      seen: count(asked(unmeshedPod), 'request'),
    },
    {
      text: `the sidecar saw the ${proxied.length} connections above that went to it, and no others`,
      holds: passages === proxied.length,
      seen: count(passages, 'connection'),
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
      seen: records.join(', ') || count(0, 'record'),
    },
  ];
}

interface RuleCounts {
  readonly ipv4: number;
  readonly ipv6: number;
}

async function countRules({ netns }: RunningPod): Promise<RuleCounts> {
  const rules = (saved: string): number => saved.match(/^-A /gm)?.length ?? 0;
  return {
    ipv4: rules(await readRules(netns, 'ipv4')),
    ipv6: rules(await readRules(netns, 'ipv6')),
  };
}

function tell({ ipv4, ipv6 }: RuleCounts): string {
  return `${count(ipv4, 'rule')} for IPv4, ${ipv6} for IPv6`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
