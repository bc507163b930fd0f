// Stands for the agent, in a process of its own: the benchmark itself sleeps while it measures.
import { serveAgent } from '../test/support/agent.ts';
import { pod } from './pod.ts';

const [socket] = process.argv.slice(2);
if (socket === undefined) throw new SyntaxError('expected: agent.ts <socket>');
await serveAgent(socket, [pod]);
process.stdout.write('listening\n');
