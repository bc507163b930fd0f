import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Arguments, type Command, ExitCode, type Io, usageError } from '../command.ts';
import { KEYS } from '../../cni/spec/settings.ts';
import { simulate, type Simulated, type Simulation } from './simulation.ts';
import { renderSimulation } from './text.ts';

export const command: Command = {
  usage: '-f <file>|- … [--namespace <namespace>] [--against init]',
  example: 'kubectl get deployment web -o yaml | sluice simulate -f -',
  description:
    'What would become of the pods that a manifest makes: Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet,\n' +
    'Job, CronJob, Lists of them; YAML or JSON, one document or more. Needs neither a node nor a cluster, and\n' +
    'tells the same for the same manifest. What is not injected yet would be left alone as it is; so it tells as\n' +
    'well what its annotations would do beside a sidecar. Exit code 1 if a pod would not start.',
  options: {
    filename: {
      type: 'string',
      short: 'f',
      multiple: true,
      value: '<file>',
      meaning: 'a manifest; - is stdin',
    },
    namespace: {
      type: 'string',
      short: 'n',
      value: '<namespace>',
      meaning: 'the namespace of objects that name none; "default" by default',
    },
    against: {
      type: 'string',
      words: ['init'],
      meaning:
        'tell which packets would fare otherwise under the rules of the istio-init that it has',
    },
    'exclude-namespace': {
      type: 'string',
      multiple: true,
      value: '<namespace>',
      meaning: 'as in the network configuration; "kube-system" by default',
    },
  },
  offers: 'files',
  takes: Infinity, // what the shell makes of `-f *.yaml`
  run: async (args, io) => {
    const simulation = await simulateAll(args, io);
    const { pods } = simulation;
    if (pods.length === 0) throw usageError(withoutPods(simulation));
    return {
      exitCode: pods.every(isFine) ? ExitCode.fine : ExitCode.problem,
      value: simulation,
      text: (style) => renderSimulation(simulation, style),
    };
  },
};

function isFine({ explanation, injected = explanation, init }: Simulated): boolean {
  if (injected.verdict === 'would-fail') return false;
  if (!init || 'nothing' in init) return true;
  return init.differences.every(({ purpose }) => purpose !== undefined);
}

function withoutPods({ passedOver }: Simulation): string {
  if (passedOver.length === 0) return 'cannot simulate: the manifest is empty';
  const [first = ''] = passedOver;
  const more = passedOver.length > 1 ? ` and ${passedOver.length - 1} more` : '';
  return `cannot simulate: no pod comes of ${first}${more}`;
}

async function simulateAll(args: Arguments, io: Io): Promise<Simulation> {
  const files = [...args.texts('filename'), ...args.positionals];
  if (files.length === 0)
    throw usageError('cannot simulate nothing: wanted -f <file>, or -f - for stdin');
  const each: Simulation[] = [];
  for (const file of files) each.push(await simulated(file, args, io));
  return {
    pods: each.flatMap(({ pods }) => pods),
    passedOver: each.flatMap(({ passedOver }) => passedOver),
  };
}

async function simulated(
  file: string,
  { text, texts }: Arguments,
  { stdin, cwd }: Io,
): Promise<Simulation> {
  const excluded = texts('exclude-namespace');
  const manifest = file === '-' ? stdin() : readManifest(file, cwd);
  try {
    return await simulate(manifest, {
      namespace: text('namespace') ?? 'default',
      against: text('against') === 'init' ? 'init' : undefined,
      excludeNamespaces: excluded.length > 0 ? excluded : KEYS.excludeNamespaces.fallback,
      agentNamespace: KEYS.agentNamespace.fallback,
    });
  } catch (cause) {
    throw usageError(`cannot read the manifest${file === '-' ? '' : ` "${file}"`}`, cause);
  }
}

function readManifest(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw usageError(`cannot read "${file}": ${error instanceof Error ? error.message : ''}`);
  }
}
