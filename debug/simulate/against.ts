import { decide } from '../../cni/redirect/decide.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { type Container, type PodFacts } from '../../cni/redirect/pod.ts';
import { type Packet } from '../trace/packet.ts';
import { type Fate } from '../trace/walk.ts';
import { describePackets } from './describe.ts';
import { type Difference, differences } from './differences.ts';
import { isTunnelOfTproxy } from './fate.ts';
import { switchOf } from './istio/flags.ts';
import { initPlan } from './istio/plan.ts';

/** How our rules for a pod and those of its own istio-init treat packets. */
export interface Comparison {
  /** Whose arguments: istio-init, or what the injector puts in its place where a CNI plugin redirects. */
  readonly container: string;
  readonly differences: readonly ToldDifference[];
  readonly notes: readonly string[];
}

export interface ToldDifference {
  readonly direction: 'inbound' | 'outbound';
  readonly families: readonly Family[];
  /** `tcp port 15020 of user 1000` */
  readonly packets: string;
  readonly ours: string;
  readonly theirs: string;
  /** Why we differ on purpose; undefined where it is for the operator to judge. */
  readonly purpose?: string;
}

const INIT = 'istio-init';
const VALIDATION = 'istio-validation';

/**
 * Compares by the fate of each packet that the rules can tell apart; what our pod says counts as it would without istio-init.
 *
 * @throws {CniError} `invalidAnnotation`
 * @throws {RangeError} where the arguments cannot be read
 * @returns undefined where there are no arguments to compare with, or nothing would be redirected
 */
export async function compareWithInit(pod: PodFacts): Promise<Comparison | undefined> {
  const container = argumentsOf(pod);
  if (!container) return undefined;
  const decision = await decide(withoutInit(pod));
  if (decision.action === 'skip') return undefined;
  const { value, problems } = await initPlan(container);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  const families = ['ipv4', 'ipv6'] as const;
  const told = families.flatMap((family) =>
    differences(decision.plan, value, family).map((each) => tell(each, decision.plan)),
  );
  return {
    container: container.name,
    differences: together(told),
    notes: [...ofMesh(container, told), ...notes(container, value)],
  };
}

/** The container whose arguments say what istio-init does, or would do. */
export function argumentsOf({ containers }: PodFacts): Container | undefined {
  const found = [INIT, VALIDATION].map((name) => containers.find((each) => each.name === name));
  return found.find((each) => each !== undefined);
}

/** As the injector makes it where a CNI plugin redirects: another name, the same arguments. */
function withoutInit(pod: PodFacts): PodFacts {
  const containers = pod.containers.map((container) =>
    container.name === INIT ? { ...container, name: VALIDATION } : container,
  );
  return { ...pod, containers };
}

function tell(
  { family, packets, among, names, ours, theirs }: Difference,
  plan: RedirectPlan,
): ToldDifference {
  const purpose = packets.every((packet) => isTunnelOfTproxy(plan, packet))
    ? "the tunnel's port is an exception in TPROXY mode too; in Istio nothing jumps to that exception"
    : packets.every(isIstioAgents)
      ? "15020 is the sidecar agent's own port: Istio's CNI plugin excludes it as well, istio-init does not"
      : undefined;
  return {
    direction: packets[0]?.hook === 'OUTPUT' ? 'outbound' : 'inbound',
    families: [family],
    packets: describePackets(packets, among, names),
    ours: fateText(ours),
    theirs: fateText(theirs),
    ...(purpose !== undefined && { purpose }),
  };
}

function isIstioAgents({ hook, dport }: Packet): boolean {
  return hook === 'OUTPUT' && dport === 15020;
}

function fateText({ verdict, mark, connmark, zone }: Fate): string {
  const marks = [
    ...(mark === 0 ? [] : [`mark ${mark}`]),
    ...(connmark === 0 ? [] : [`connmark ${connmark}`]),
    ...(zone === undefined ? [] : [`zone ${zone}`]),
  ];
  const [kind = '', port = ''] = verdict.split(' ');
  return [`${ENDS[kind] ?? kind} ${port}`.trim(), ...marks].join(', ');
}

const ENDS: Readonly<Record<string, string>> = {
  ACCEPT: 'left alone',
  DROP: 'dropped',
  REDIRECT: 'redirected to',
  TPROXY: 'taken to',
};

/** What is the same in both families is told once. */
function together(told: readonly ToldDifference[]): ToldDifference[] {
  const groups = Map.groupBy(told, (each) => JSON.stringify({ ...each, families: [] }));
  return [...groups.values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, families: [first, ...more].flatMap(({ families }) => families) }] : [],
  );
}

/** Where no CNI plugin is counted on, the injector passes the mesh's own settings in the arguments alone. */
function ofMesh({ name }: Container, told: readonly ToldDifference[]): string[] {
  if (name !== INIT || told.every(({ purpose }) => purpose !== undefined)) return [];
  return [
    'what is set for the whole mesh stands in these arguments only; with pilot.cni.enabled=true the injector writes it into annotations',
  ];
}

function notes(container: Container, { captureDns }: RedirectPlan): string[] {
  const all = switchOf(container, 'captureAllDns');
  if (!captureDns || all?.text === 'true') return [];
  return [
    'istio-init captures DNS to the nameservers of the pod only; here it was taken to capture all',
  ];
}
