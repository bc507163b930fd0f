import { setTimeout as sleep } from 'node:timers/promises';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { couldNotTell } from '../command.ts';
import { type Aim, appOf, type Probe, probesFor } from '../probe/probes.ts';
import { renderEndpoint } from '../trace/packet.ts';
import { listen, type Listeners } from './listen.ts';
import { type Self } from './self.ts';
import { type Answer, send } from './send.ts';

/** One thing that is to hold, and whether it was seen to. */
export interface Proof {
  readonly aim: Aim;
  readonly family: Family;
  readonly result: 'proven' | 'missing' | 'not provable' | 'no route';
  readonly sentence: string;
}

const RETRY_MS = 200;

/** Proves what can be proven, again and again until all is, or `timeoutMs` are over. @throws {CommandError} `unknown` */
export async function validate(
  plan: RedirectPlan,
  self: Self,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Proof[]> {
  const wanted = reachable(self, probesFor(plan, appOf(plan), self.addresses));
  const own = reachable(self, probesFor(plan, self, self.addresses)).filter(
    ({ aim }) => aim !== 'inbound',
  );
  const answers = await prove(own, { deadline: performance.now() + timeoutMs, signal });
  const service = own.filter(({ aim }) => aim === 'own-service');
  const all = [...service, ...wanted.filter((probe) => probe.aim !== 'own-service')];
  return all.map((probe) => proofOf(probe, answers.get(nameOf(probe)), isProxy(plan, self)));
}

/** Where a family has no address but the pod's own loopback, nothing comes in or goes out. */
function reachable({ addresses }: Self, probes: readonly Probe[]): Probe[] {
  return probes.filter(({ family }) => family === 'ipv4' || addresses.ipv6.length > 0);
}

function isProxy({ proxyUid, proxyGid }: RedirectPlan, { uid, gid }: Self): boolean {
  return uid === proxyUid || gid === proxyGid;
}

type Answers = ReadonlyMap<string, Answer>;

async function prove(
  probes: readonly Probe[],
  { deadline, signal }: { deadline: number; signal: AbortSignal },
): Promise<Answers> {
  const listeners = await listening(probes);
  const answers = new Map<string, Answer>();
  try {
    for (;;) {
      const open = probes.filter((probe) => answers.get(nameOf(probe))?.result !== 'proven');
      const found = await Promise.all(open.map((probe) => send(probe, listeners)));
      open.forEach((probe, i) => found[i] && answers.set(nameOf(probe), found[i]));
      const isMissing = found.some(({ result }) => result === 'missing');
      if (!isMissing || signal.aborted || performance.now() > deadline) return answers;
      // The rules may come yet: a repair does not wait for the next start of this container.
      await sleep(RETRY_MS);
    }
  } finally {
    listeners.close();
  }
}

async function listening(probes: readonly Probe[]): Promise<Listeners> {
  try {
    return await listen(probes);
  } catch (cause) {
    const hint = 'run this before the sidecar, in an init container';
    throw couldNotTell(`cannot listen where the sidecar is to listen: ${hint}`, cause);
  }
}

function nameOf({ aim, family }: Pick<Probe, 'aim' | 'family'>): string {
  return `${aim} ${family}`;
}

function proofOf(probe: Probe, answer: Answer | undefined, isSidecar: boolean): Proof {
  const { aim, family, packet, port } = probe;
  const to = renderEndpoint(packet.dst, packet.dport);
  if (answer === undefined)
    return { aim, family, result: 'not provable', sentence: obstacle(aim, isSidecar) };
  const { result } = answer;
  switch (result) {
    case 'proven':
      return { aim, family, result, sentence: `${packet.proto} to ${to} went to port ${port}` };
    case 'no route':
      return {
        aim,
        family,
        result,
        sentence: `${to} cannot be reached at all, so nothing leaves past the sidecar`,
      };
    case 'missing': {
      const sentence = `${packet.proto} to ${to} did not go to port ${port} (${answer.detail})`;
      return { aim, family, result, sentence };
    }
  }
}

function obstacle(aim: Aim, isSidecar: boolean): string {
  if (aim === 'inbound')
    return 'takes a packet from outside: `sluice verify` on the node sends one';
  if (aim === 'own-service') return "only the sidecar's own user can tell";
  return isSidecar
    ? "the rules leave the sidecar's own user alone: run this as another user"
    : 'no packet of this user is redirected by what the arguments say';
}
