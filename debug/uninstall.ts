import { type InstallConfig, OWN_LIST } from '../install/config.ts';
import { renderStep, uninstall, wayBack, type WayBack } from '../install/uninstall.ts';
import {
  type Command,
  couldNotTell,
  ExitCode,
  type Place,
  type Report,
  usageError,
} from './command.ts';

const by = 'command';

export const command: Command = {
  usage: '[--dry-run]',
  example: 'sluice uninstall --dry-run',
  description: [
    'Takes Sluice off this node: its entry in the network configuration first, then, once the container runtime',
    'has noticed, the plugin, its tools, the credential, the socket and the records. Files of others become what they were.',
    'An agent that runs does not install again until it is restarted. To uninstall a cluster, delete the DaemonSet.',
    'Pods that run keep their redirection.',
  ].join('\n'),
  options: {
    'dry-run': { type: 'boolean', meaning: 'print the steps, and do nothing' },
  },
  offers: [],
  run: async ({ positionals, flag }, { place, stderr, signal }) => {
    const [extra] = positionals;
    if (extra !== undefined) throw usageError(`cannot use "${extra}": expected no arguments`);
    const config = configOf(place);
    if (flag('dry-run')) return report(await wayBack(config, { by }), false);
    const taken: WayBack[] = [];
    const onStep = (step: WayBack): void => {
      taken.push(step);
      // The one that takes its time: who waits wants to know for what.
      if (step.do === 'wait') stderr(`${renderStep(step)}\n`);
    };
    try {
      await uninstall(config, { by, onStep, signal });
    } catch (error) {
      const done = taken.map((step) => renderStep(step)).join('; ');
      throw couldNotTell(`cannot uninstall all; begun: ${done || 'nothing'}`, error);
    }
    return report(taken, true);
  },
};

function configOf({ netDir, binDir, stateDir, agentSocket }: Place): InstallConfig {
  return {
    ...{ netDir, binDir, stateDir, agentSocket, ownList: OWN_LIST, mode: 'chained', keys: {} },
    source: process.execPath,
    credential: undefined,
  };
}

function report(steps: readonly WayBack[], done: boolean): Report {
  const lines = steps.map(renderStep);
  return {
    exitCode: ExitCode.fine,
    value: { done, steps: lines },
    text: (style) => {
      const last = done ? style.good('Sluice is off this node') : style.dim('nothing was done');
      return [...lines, last].map((line) => `${line}\n`).join('');
    },
  };
}
