import {
  type Arguments,
  type Command,
  ExitCode,
  type Io,
  type Report,
  usageError,
} from '../command.ts';
import { applyToHost, readApplying } from './apply.ts';
import { PLAN_OPTIONS } from './facts.ts';
import { type HostOptions, onHost } from './netns.ts';
import { removeFromHost } from './remove.ts';
import { showHost } from './show.ts';
import { type HostValue, renderHost } from './told.ts';

const VERBS = ['apply', 'remove', 'show'] as const;
type Verb = (typeof VERBS)[number];
const BACKENDS = ['auto', 'iptables-nft', 'iptables-legacy'] as const;

export const command: Command = {
  usage: 'apply|remove|show [--netns <path>]',
  example:
    'sluice host apply --address 10.0.0.5 --proxy-user istio-proxy --exclude-inbound-ports 22',
  description: [
    "For a host outside Kubernetes whose sidecar runs as a user: redirects its traffic by the same plan as a pod's.",
    'Works on the netns it is started in, or on --netns. It refuses what would lock you out: SSH captured, nobody',
    'listening where traffic would go, addresses that are not of this host. What fails is undone; `remove` undoes all.',
    '`remove` takes --netns and --dry-run, `show` takes --netns: both look into each backend. All else is for `apply`.',
    'The rules do not outlive a reboot: let a unit of the host apply them when the sidecar has started.',
  ].join('\n'),
  options: {
    address: {
      type: 'string',
      multiple: true,
      value: '<ip>',
      meaning: "the workload's, once for each; it must be there",
    },
    netns: {
      type: 'string',
      value: '<path>',
      meaning: 'another netns than the one it is started in',
    },
    'dry-run': {
      type: 'boolean',
      meaning: 'print the rules that would come, or go, and change nothing',
    },
    ...PLAN_OPTIONS,
    backend: {
      type: 'string',
      words: BACKENDS,
      meaning: 'iptables-nft if it is there, by default',
    },
    'without-ssh': { type: 'boolean', meaning: 'capture the SSH port as well' },
    'without-proxy': { type: 'boolean', meaning: 'though nobody listens where traffic would go' },
  },
  offers: VERBS,
  run: async (args, io) => {
    const value = await run(args, io);
    return report(value);
  },
};

const TAKEN: Readonly<Record<Verb, readonly string[]>> = {
  apply: Object.keys(command.options),
  remove: ['netns', 'dry-run'],
  show: ['netns'],
};

async function run(args: Arguments, io: Io): Promise<HostValue> {
  const [verb = '', ...more] = args.positionals;
  if (!isVerb(verb) || more.length > 0) {
    const said = args.positionals.join(' ');
    throw usageError(`cannot run "host ${said}": wanted one of ${VERBS.join(', ')}`);
  }
  refuseUnused(verb, args);
  const options = optionsOf(args);
  switch (verb) {
    case 'apply': {
      const applying = await readApplying(args);
      return onHost(io.place, options, (kernel) => applyToHost(kernel, applying, { args, io }));
    }
    case 'remove':
      return onHost(io.place, options, (kernel) =>
        removeFromHost(kernel, io.place, { dryRun: args.flag('dry-run') }),
      );
    case 'show':
      return onHost(io.place, options, (kernel) => showHost(kernel, io.place));
  }
}

/** What would be ignored is taken for something that was done. */
function refuseUnused(verb: Verb, { flag, text }: Arguments): void {
  const taken = TAKEN[verb];
  const unused = Object.keys(command.options).find(
    (name) => !taken.includes(name) && (flag(name) || text(name) !== undefined),
  );
  if (unused === undefined) return;
  const rest = taken.map((name) => `--${name}`).join(' and ');
  throw usageError(`cannot use --${unused} with "host ${verb}": it takes ${rest} alone`);
}

function isVerb(text: string): text is Verb {
  return VERBS.some((verb) => verb === text);
}

function optionsOf({ text }: Arguments): HostOptions {
  const backend = BACKENDS.find((each) => each === text('backend')) ?? 'auto';
  return { netns: text('netns'), backend };
}

function report(value: HostValue): Report {
  const isFine = ['planned', 'redirected', 'none'].includes(value.state);
  return {
    exitCode: isFine ? ExitCode.fine : ExitCode.problem,
    value,
    text: (style) => renderHost(value, style),
  };
}
