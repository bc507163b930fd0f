import { type IncomingMessage, type ServerResponse } from 'node:http';

/** What an HTTP request is answered with; the body is text, or becomes JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** `{"error": {"code": "pod-unknown", "message": …}}` */
export function refuse(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } };
}

export function send(response: ServerResponse, { status, body }: Reply): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
  });
  response.end(isText ? body : JSON.stringify(body));
}

/** Reads a body of at most `most` bytes; undefined if there is more, which is not read then. */
export async function readBody(
  request: IncomingMessage,
  most: number,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
