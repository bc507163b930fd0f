import { type Command } from '../command.ts';
import { HOST } from './host.ts';
import { NODE } from './node.ts';
import { exitCodeOf, look, renderOutcomes } from './outcome.ts';

export const command: Command = {
  usage: '[--pre]',
  example: 'sluice check --pre',
  description:
    'Looks at this node, one thing after the other: rights, tools, both backends in a netns of its own, directories,\n' +
    'the main network, the container runtime; then what Sluice has put there. Nothing is changed on the node.',
  options: {
    pre: { type: 'boolean', meaning: 'only what must be there before Sluice is installed' },
  },
  offers: [],
  run: async ({ flag }, io) => {
    const host = await look(HOST, io);
    const node = flag('pre') ? [] : await look(NODE, io);
    const outcomes = [...host, ...node];
    return {
      exitCode: exitCodeOf(outcomes),
      value: { outcomes },
      text: (style) => renderOutcomes(outcomes, style),
    };
  },
};
