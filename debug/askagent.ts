import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Io } from './command.ts';

export interface Answer {
  readonly status: number;
  /** Decoded JSON; nobody has looked at it yet. */
  readonly body: unknown;
}

/**
 * Asks the agent of this node by its socket.
 *
 * @param question `GET /v1/status`
 * @throws {Error} where nobody answers, or not in JSON
 */
export async function askAgent(
  question: `${'GET' | 'POST'} /${string}`,
  { place: { agentSocket }, signal }: Pick<Io, 'place' | 'signal'>,
  timeoutMs = 1_000,
): Promise<Answer> {
  const [method, path] = question.split(' ');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const asked = request({ socketPath: agentSocket, method, path, signal: limit });
      asked.on('error', reject);
      asked.on('response', (response) => {
        const status = response.statusCode ?? 0;
        text(response)
          .then((body) => JSON.parse(body) as unknown)
          .then((body) => {
            resolve({ status, body });
          })
          .catch(reject);
      });
      asked.end();
    });
  } catch (cause) {
    throw new Error(`the agent does not answer at ${agentSocket}`, { cause });
  }
}
