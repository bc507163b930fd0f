import { readFileSync } from 'node:fs';
import { contentHash } from '../../cni/rules/hash.ts';
import { type Arguments, type Command, ExitCode, type Io, usageError } from '../command.ts';
import { parsePodName } from '../pods.ts';
import { type Attachment, type Call, type Network, VERBS } from './call.ts';
import { runChain } from './chain.ts';
import { ownNetwork, readNetwork, withKeys } from './network.ts';
import { readResult, rememberedResult } from './previous.ts';
import { type Ended } from './run.ts';
import { renderCalls } from './told.ts';

export const command: Command = {
  usage: 'add|check|del|gc|status|version [--netns <path>] [--chain <conflist>]',
  example:
    'sluice cni add --netns /run/netns/try --pod default/web-0 --annotation sidecar.istio.io/status={}',
  description: [
    'Calls our plugin as a container runtime would, or with --chain all plugins of a network configuration; what they',
    'do to the netns that you name, they do. CHECK and DEL get what libcni remembers of the ADD, or --previous.',
    'Exit code 1 if a plugin reports an error, 3 if one cannot be started or says nothing that CNI knows.',
  ].join('\n'),
  options: {
    netns: { type: 'string', value: '<path>', meaning: 'CNI_NETNS' },
    'container-id': {
      type: 'string',
      value: '<id>',
      meaning: 'CNI_CONTAINERID; made from the netns by default',
    },
    ifname: { type: 'string', value: '<name>', meaning: 'CNI_IFNAME; eth0 by default' },
    pod: { type: 'string', value: '<namespace>/<pod>', meaning: 'CNI_ARGS' },
    uid: { type: 'string', value: '<uid>', meaning: "the pod's" },
    annotation: {
      type: 'string',
      multiple: true,
      value: '<key>=<value>',
      meaning: 'what the runtime passes of the pod',
    },
    chain: { type: 'string', value: '<conflist>', meaning: 'all plugins of this configuration' },
    set: {
      type: 'string',
      multiple: true,
      value: '<key>=<value>',
      meaning: 'a key of our own entry',
    },
    'bin-dir': { type: 'string', multiple: true, value: '<path>', meaning: 'where plugins are' },
    previous: {
      type: 'string',
      value: '<file>',
      meaning: 'the result of the ADD before; - is stdin',
    },
    cache: { type: 'string', value: '<path>', meaning: "libcni's; /var/lib/cni by default" },
    valid: {
      type: 'string',
      multiple: true,
      value: '<id>:<ifname>',
      meaning: 'of gc: what is kept',
    },
    'valid-none': { type: 'boolean', meaning: 'of gc: nothing is kept' },
    timeout: { type: 'string', value: '<seconds>', meaning: 'for each plugin; 60 by default' },
  },
  offers: VERBS,
  run: async (args, io) => {
    const call = callOf(args, io);
    const network = await networkOf(args, io);
    const ended = await runChain(network, call, {
      previous: previousOf(args, { io, network, call }),
      timeoutMs: secondsOf(args.text('timeout')) * 1_000,
    });
    const { verb, attachment } = call;
    const result = verb === 'add' ? ended.at(-1)?.result : undefined;
    const value = { verb, network: network.name, attachment, plugins: ended, result };
    return { exitCode: exitCodeOf(ended), value, text: (style) => renderCalls(value, style) };
  },
};

function callOf(args: Arguments, { place }: Io): Call {
  const [word, ...more] = args.positionals;
  const verb = VERBS.find((each) => each === word);
  if (!verb || more.length > 0) {
    throw usageError(
      `cannot run "cni ${args.positionals.join(' ')}": wanted one of ${VERBS.join(', ')}`,
    );
  }
  const isAbout = verb === 'add' || verb === 'check' || verb === 'del';
  const path = args.texts('bin-dir');
  return {
    verb,
    attachment: isAbout ? attachmentOf(args) : undefined,
    valid: verb === 'gc' ? validOf(args) : [],
    path: path.length > 0 ? path : [place.binDir],
  };
}

function attachmentOf({ text, texts }: Arguments): Attachment {
  const netns = text('netns');
  if (netns === undefined) throw usageError('cannot call a plugin without a netns: wanted --netns');
  const pod = text('pod') === undefined ? undefined : parsePodName(text('pod'));
  const pairs = texts('annotation').map((pair) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined)
      throw usageError(`cannot read "${pair}": wanted <key>=<value>`);
    return [key, value] as const;
  });
  return {
    containerId: text('container-id') ?? `cnitool-${contentHash(netns)}`,
    netns,
    ifName: text('ifname') ?? 'eth0',
    pod: pod && { namespace: pod.namespace ?? 'default', name: pod.name, uid: text('uid') },
    annotations: pairs.length > 0 ? Object.fromEntries(pairs) : undefined,
  };
}

/** GC drops all that is not listed, so that nothing listed must be said. */
function validOf({ texts, flag }: Arguments): Call['valid'] {
  const listed = texts('valid');
  if (listed.length === 0 && !flag('valid-none')) {
    throw usageError(
      'cannot collect garbage without knowing what to keep: wanted --valid or --valid-none',
    );
  }
  return listed.map((text) => {
    const [, containerID = '', ifname = ''] = /^(.+):([^:]+)$/.exec(text) ?? [];
    if (ifname === '') throw usageError(`cannot read "${text}": wanted <container ID>:<ifname>`);
    return { containerID, ifname };
  });
}

async function networkOf({ text, texts }: Arguments, { place }: Io): Promise<Network> {
  const file = text('chain');
  return withKeys(
    file === undefined ? await ownNetwork(place) : await readNetwork(file),
    texts('set'),
  );
}

function previousOf(
  { text }: Arguments,
  { io, network, call }: { readonly io: Io; readonly network: Network; readonly call: Call },
): ReturnType<typeof rememberedResult> {
  const file = text('previous');
  if (file !== undefined) {
    return readResult(file, file === '-' ? io.stdin() : readFileSync(file, 'utf8'));
  }
  const { attachment } = call;
  if (!attachment) return undefined;
  // Ours says nothing of its own, and CHECK wants a result: alone it gets the one of its own ADD.
  const own = text('chain') === undefined ? { cniVersion: network.cniVersion } : undefined;
  return rememberedResult(text('cache') ?? '/var/lib/cni', network, attachment) ?? own;
}

function secondsOf(text = '60'): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw usageError(`cannot use --timeout "${text}": wanted seconds, up to 3600`);
}

function exitCodeOf(ended: readonly Ended[]): ExitCode {
  if (ended.some(({ outcome }) => outcome === 'unclear')) return ExitCode.unknown;
  return ended.every(({ outcome }) => outcome === 'succeeded') ? ExitCode.fine : ExitCode.problem;
}
