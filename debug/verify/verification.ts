import { type Family } from '../../cni/redirect/cidrs.ts';
import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { type Aim, appOf, type Probe, probesFor, type Sender } from '../probe/probes.ts';
import { type Addresses } from '../trace/arguments.ts';
import { renderEndpoint } from '../trace/packet.ts';
import { type Observed } from './observe.ts';

/** A packet that was sent, and whether it went where it should. */
export interface Proof {
  readonly aim: Aim | 'sidecar';
  readonly family: Family;
  readonly result: 'as wanted' | 'wrong' | 'could not tell' | 'no route';
  readonly sentence: string;
}

export interface Trial {
  readonly aim: Proof['aim'];
  readonly probe: Probe;
  readonly sender: Sender;
}

/** What is to be tried in a pod: each aim by whoever can prove it, and that the sidecar's own calls leave. */
export function trials(plan: RedirectPlan, addresses: Addresses): Trial[] {
  const { proxyUid, proxyGid } = plan;
  const app = appOf(plan);
  const sidecar: Sender = { uid: proxyUid, gid: proxyGid };
  const byApp = probesFor(plan, app, addresses).map((probe) => ({
    aim: probe.aim,
    probe,
    sender: app,
  }));
  const own = probesFor(plan, sidecar, addresses).filter(({ aim }) => aim === 'own-service');
  const leaving = byApp.filter(({ aim }) => aim === 'outbound').map(({ probe }) => leaves(probe));
  return [
    ...byApp,
    ...own.map((probe) => ({ aim: probe.aim, probe, sender: sidecar })),
    ...leaving.map((probe) => ({ aim: 'sidecar' as const, probe, sender: sidecar })),
  ];
}

/** For a pod that is to be left alone: what the app sends goes where it wants. */
export function untouchedTrials(addresses: Addresses): Trial[] {
  const sender = { uid: 1000, gid: 1000 };
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const [src] = addresses[family];
    if (src === undefined) return [];
    const dst = family === 'ipv4' ? '198.51.100.1' : '2001:db8:ffff::1';
    const packet = {
      hook: 'OUTPUT',
      device: 'eth0',
      proto: 'tcp',
      src,
      dst,
      sport: 0,
      dport: 15_002,
      owner: sender,
      mark: 0,
      connmark: 0,
      ctstate: 'NEW',
    } as const;
    return [
      {
        aim: 'outbound' as const,
        probe: { aim: 'outbound', family, packet, port: 15_002 },
        sender,
      },
    ];
  });
}

function leaves(probe: Probe): Probe {
  return { ...probe, port: probe.packet.dport };
}

/** What was seen against what was wanted. */
export function proofOf({ aim, probe }: Trial, observed: Observed, isRedirected: boolean): Proof {
  const { family, packet, port } = probe;
  const to = renderEndpoint(packet.dst, packet.dport);
  const what = `${packet.proto} to ${to}`;
  const proof = (result: Proof['result'], end: string): Proof => ({
    aim,
    family,
    result,
    sentence: `${what} ${end}`,
  });
  switch (observed.went) {
    case 'to': {
      const where =
        observed.port === packet.dport
          ? 'went where it wanted to go'
          : `went to port ${observed.port}`;
      if (observed.port === port) return proof('as wanted', where);
      return proof('wrong', `${where}, not ${port === packet.dport ? 'there' : `to port ${port}`}`);
    }
    case 'accepted':
      return proof('as wanted', 'was accepted, by the sidecar: nobody else listens there');
    case 'refused':
      return proof('could not tell', 'was refused: it is not redirected, or no sidecar runs');
    case 'nowhere':
      return aim === 'inbound'
        ? proof('could not tell', `cannot be sent from here (${observed.why})`)
        : proof('no route', `cannot leave at all (${observed.why})`);
    case 'unsent':
      return proof('could not tell', `was not sent: ${observed.why}`);
    case 'untracked':
      if (!isRedirected) return proof('as wanted', 'was redirected by nothing');
      if (aim === 'inbound')
        return proof(
          'could not tell',
          'was not answered: it cannot get there from here or, with TPROXY, no sidecar runs',
        );
      return proof('wrong', 'was not redirected: dropped, or seen by no rule');
  }
}
