import { VARIABLES, type Variable } from '../agent/variables.ts';
import { columns } from './columns.ts';

/** Of the one program here that is no command: it takes no arguments, and all else from its environment. */
export function renderAgentHelp(program: string): string {
  const rows = Object.entries<Variable>(VARIABLES).map(([name, { meaning, fallback }]) => [
    `  ${name}`,
    fallback === undefined ? 'must be set' : fallback || '-',
    meaning,
  ]);
  return [
    `Usage: ${program} agent\n\n`,
    'The node agent: knows the pods of its node, installs the plugin and answers it, takes a census of the pods and repairs\n' +
      'them. It runs until SIGTERM, and takes its settings from these variables:\n\n',
    columns([['  VARIABLE', 'DEFAULT', 'MEANING'], ...rows]),
    `\nExample:\n  NODE_NAME=node-1 SLUICE_INSTALL=none ${program} agent\n`,
  ].join('');
}
