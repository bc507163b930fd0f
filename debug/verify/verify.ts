import { openSync, closeSync } from 'node:fs';
import { openHome } from '../../agent/census/look/inside.ts';
import { type Netns } from '../../cni/kernel/netns.ts';
import { columns } from '../columns.ts';
import {
  type Arguments,
  type Command,
  couldNotTell,
  ExitCode,
  type Io,
  usageError,
} from '../command.ts';
import { readLive } from '../live/read.ts';
import { subjectOf } from '../live/subject.ts';
import { type Wanted } from '../live/wanted.ts';
import { mappable } from '../place.ts';
import { type Style } from '../style.ts';
import { type Addresses } from '../trace/arguments.ts';
import { observe } from './observe.ts';
import { loadSockets } from './sockets.ts';
import { type Proof, proofOf, type Trial, trials, untouchedTrials } from './verification.ts';

interface Verification {
  readonly subject: string;
  readonly wanted: 'redirected' | 'left alone';
  readonly verdict: 'as wanted' | 'wrong' | 'could not tell';
  readonly proofs: readonly Proof[];
}

export const command: Command = {
  usage: '<namespace>/<pod>',
  example: 'sluice verify default/web-0',
  description:
    "Sends real packets in the pod's netns, as the app and as the sidecar, and one from the node to the pod: to ports and\n" +
    'addresses that nobody has, in both families. Then it looks where connection tracking says that they went. Each begins\n' +
    'a connection that the sidecar and the app take no notice of; only with TPROXY, the inbound one is a real connection.',
  options: {
    from: {
      type: 'string',
      value: '<netns>',
      meaning: 'the netns that the inbound packet comes from; the own by default',
    },
  },
  offers: 'pods',
  run: async (args, io) => {
    const found = await verify(args, io);
    return {
      exitCode: exitCodes[found.verdict],
      value: found,
      text: (style) => render(found, style),
    };
  },
};

const exitCodes = {
  'as wanted': ExitCode.fine,
  wrong: ExitCode.problem,
  'could not tell': ExitCode.unknown,
} as const;

async function verify(args: Arguments, io: Io): Promise<Verification> {
  const { name, wanted, within } = await subjectOf(args, io);
  if (!wanted) throw usageError('cannot tell what is wanted of a netns without a pod');
  const proofs = await within(async (netns) => {
    const { ipv4, ipv6 } = await readLive(netns, io.place);
    const addresses = { ipv4: ipv4.routes.globalAddresses, ipv6: ipv6.routes.globalAddresses };
    const directories = mappable(io.place);
    return attempt(netns, wanted, { addresses, directories, from: args.text('from') });
  });
  return {
    subject: name,
    wanted: wanted.action === 'skip' ? 'left alone' : 'redirected',
    verdict: verdictOf(proofs),
    proofs,
  };
}

interface Means {
  readonly addresses: Addresses;
  readonly directories: readonly string[];
  /** The netns that the inbound packet comes from; undefined: our own. */
  readonly from: string | undefined;
}

async function attempt(
  netns: Netns,
  wanted: Wanted,
  { addresses, directories, from }: Means,
): Promise<Proof[]> {
  const isRedirected = wanted.action === 'redirect';
  const tried = isRedirected ? trials(wanted.plan, addresses) : untouchedTrials(addresses);
  const possible = tried.filter(
    ({ probe }) => probe.family === 'ipv4' || addresses.ipv6.length > 0,
  );
  const { home, close } = openHome();
  const outside = from === undefined ? home : opened(from);
  try {
    const sockets = loadSockets(directories);
    const proofs: Proof[] = [];
    for (const trial of possible) {
      const { probe, sender } = trial;
      const places = { from: probe.aim === 'inbound' ? outside : netns.fd, pod: netns.fd, home };
      const observed = await observe(sockets, probe, {
        sender: whoever(trial, sender),
        places,
        isTransparent: probe.aim === 'inbound' && isRedirected && wanted.plan.mode === 'TPROXY',
      });
      proofs.push(proofOf(trial, observed, isRedirected));
    }
    return proofs;
  } catch (cause) {
    throw couldNotTell(`cannot send packets in netns "${netns.path}"`, cause);
  } finally {
    if (outside !== home) closeSync(outside);
    close();
  }
}

/** From outside it does not matter. */
function whoever({ aim }: Trial, sender: Trial['sender']): Trial['sender'] {
  return aim === 'inbound' ? { uid: 0, gid: 0 } : sender;
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw couldNotTell(`cannot open netns "${path}"`, cause);
  }
}

function verdictOf(proofs: readonly Proof[]): Verification['verdict'] {
  if (proofs.some(({ result }) => result === 'wrong')) return 'wrong';
  const isOpen = proofs.some(({ result }) => result === 'could not tell');
  return isOpen || proofs.length === 0 ? 'could not tell' : 'as wanted';
}

function render({ subject, wanted, verdict, proofs }: Verification, style: Style): string {
  const paint = { 'as wanted': style.good, wrong: style.bad, 'could not tell': style.odd };
  const marks = {
    'as wanted': style.good('yes'),
    wrong: style.bad('no'),
    'could not tell': style.odd('?'),
    'no route': style.good('-'),
  };
  const rows = proofs.map(({ aim, family, result, sentence }) => [
    `  ${aim}`,
    family,
    marks[result],
    sentence,
  ]);
  return `${style.bold(subject)} is to be ${wanted}: ${paint[verdict](verdict)}\n${columns(rows)}`;
}
