import { type RequestListener } from 'node:http';
import { type Logger } from 'pino';
import { refuse, type Reply, send } from './reply.ts';
import { route, type Routes } from './routes.ts';

/** Answers the plugin. Whoever hangs up, or makes us fail, gets no other request into trouble. */
export function socketListener(routes: Routes, log: Logger): RequestListener {
  return (request, response) => {
    // The plugin does not wait for the answer to an event: it may be gone.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    void answer().then((reply) => {
      send(response, reply);
      // What is left of a body that was too large is not read.
      if (!request.complete) request.destroy();
    });

    async function answer(): Promise<Reply> {
      try {
        return await route(request, routes);
      } catch (error) {
        if (!request.destroyed || request.complete) log.error({ err: error }, 'cannot answer');
        return refuse(500, 'internal', 'cannot answer: the log of the agent says why');
      }
    }
  };
}
