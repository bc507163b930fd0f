import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { createCensus } from '../../agent/census/census.ts';
import { type CensusReport } from '../../agent/census/report.ts';
import { openEyes } from '../../agent/census/look/look.ts';
import { createLocate } from '../../agent/census/netns/locate.ts';
import { createRecords } from '../../agent/census/records.ts';
import { createPods } from '../pods.ts';
import { type CensusPod, redirectedPod } from './pods.ts';

export const PODS = 250;
const BROKEN = 50;
const AT_ONCE = 10;

/** What one census cost. */
export interface CensusCost {
  readonly what: string;
  /** Of this process and those it started, in seconds of one core. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** Pods with findings. */
  readonly found: number;
  readonly wanted: number;
}

/** Takes censuses of 250 pods of ten kinds: as an agent does at its start, a minute later, and when 50 were broken. */
export async function measureCensus(
  folder: string,
  step: (text: string) => void,
): Promise<CensusCost[]> {
  const stateDir = `${folder}/census`;
  const pods = await redirectedPods(stateDir, step);
  const records = createRecords(stateDir);
  const census = createCensus({
    pods: () => pods.map(({ pod }) => pod),
    // Processes are looked for as on a node without a result cache; none of these pods has any.
    createLocate: () => createLocate({ records, resultsDir: '/nonexistent', procDir: '/proc' }),
    eyes: openEyes([folder, '/run', '/dev/shm'], { toolsDir: undefined }),
    backend: () => 'iptables-nft',
    onState: () => undefined,
    onStates: () => undefined,
    onReport: () => undefined,
    periodMs: 60_000,
  });
  step(`censuses of ${PODS} pods`);
  const first = await cost('the first', 0, census.take);
  const second = await cost('the next', 0, census.take);
  for (const { netns } of pods.slice(0, BROKEN)) {
    await execa('nsenter', [`--net=${netns.path}`, '--', 'iptables-nft', '-t', 'nat', '-F']);
  }
  const broken = await cost(`${BROKEN} broken since`, BROKEN, census.take);
  return [first, second, broken, await cost('the next', BROKEN, census.take)];
}

async function redirectedPods(
  stateDir: string,
  step: (text: string) => void,
): Promise<CensusPod[]> {
  const pods: CensusPod[] = [];
  for (let made = 0; made < PODS; made += AT_ONCE) {
    if (made % 50 === 0) step(`  ${made} of ${PODS} pods for the census`);
    const all = await createPods(Math.min(AT_ONCE, PODS - made));
    const redirected = all.map((netns, i) => redirectedPod(netns, made + i, stateDir));
    pods.push(...(await Promise.all(redirected)));
  }
  return pods;
}

async function cost(
  what: string,
  wanted: number,
  take: () => Promise<CensusReport>,
): Promise<CensusCost> {
  const [startedAt, before] = [performance.now(), cpuSeconds()];
  const { pods } = await take();
  return {
    what,
    cpuSeconds: cpuSeconds() - before,
    seconds: (performance.now() - startedAt) / 1_000,
    found: pods.filter(({ findings }) => findings.length > 0).length,
    wanted,
  };
}

/** The kernel counts children in ticks of 10 ms. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const [childUser = 0, childSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number);
  return (user + system) / 1_000_000 + (childUser + childSystem) / 100;
}
