import { once } from 'node:events';
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { VARIABLES } from '../../agent/variables.ts';
import { parseAddress } from '../../agent/values.ts';
import { type Io } from '../command.ts';
import { type Source } from './source.ts';

/** What the agent says of itself, on its socket and on its port. */
export function agentSources({ place, env }: Io): Source[] {
  const socketPath = place.agentSocket;
  const address = env.SLUICE_ADDRESS ?? '';
  const { host, port } = parseAddress(address === '' ? VARIABLES.SLUICE_ADDRESS.fallback : address);
  const ask = (name: string, path: string, where: RequestOptions, at: string): Source => ({
    name: `agent/${name}`,
    what: `ask the agent at ${at} for ${path}`,
    collect: (signal) => get({ ...where, path, signal }),
  });
  return [
    ask('status.json', '/v1/status', { socketPath }, socketPath),
    ...['readyz', 'metrics'].map((name) =>
      ask(`${name}.txt`, `/${name}`, { host, port }, `${host}:${port}`),
    ),
  ];
}

async function get(options: RequestOptions): Promise<string> {
  const [response] = (await once(request({ ...options, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ];
  return text(response);
}
