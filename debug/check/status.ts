import { VERSION } from '../../cni/version.ts';
import { type Command, ExitCode } from '../command.ts';
import { NODE } from './node.ts';
import { exitCodeOf, look, renderOutcomes } from './outcome.ts';

export const command: Command = {
  usage: '[--brief]',
  example: 'sluice status --brief',
  description:
    'Whether this node can serve an ADD now: the installed executable, our entry in the network configuration, the\n' +
    'backend, the credential, the agent, the last ADDs, the last repair and what waits. Reads files and asks the agent;\n' +
    'changes nothing.',
  options: { brief: { type: 'boolean', meaning: 'one line: ok, or what is wrong' } },
  offers: [],
  run: async ({ flag }, io) => {
    const outcomes = await look(NODE, io);
    const exitCode = exitCodeOf(outcomes);
    const wrong = outcomes.filter(({ verdict }) => verdict === 'problem' || verdict === 'unknown');
    return {
      exitCode,
      value: { version: VERSION, able: exitCode === ExitCode.fine, outcomes },
      text: (style) => {
        const brief =
          wrong.length === 0
            ? style.good('ok')
            : style.bad(wrong.map(({ id, says }) => `${id}: ${says}`).join('; '));
        if (flag('brief')) return `${brief}\n`;
        return `${style.bold(`Sluice ${VERSION}`)}\n${renderOutcomes(outcomes, style)}`;
      },
    };
  },
};
