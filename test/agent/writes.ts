import { type IncomingMessage, type ServerResponse } from 'node:http';

/** What somebody wanted to create or change. */
export interface Write {
  readonly method: string;
  readonly path: string;
  readonly type: string | undefined;
  readonly body: unknown;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** What an API server was told to change, and what it says to that: by default that it has done so. */
export class Writes {
  readonly taken: Write[] = [];
  /** Undefined: done. */
  answer: (write: Write) => Answer | undefined = () => undefined;

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
    const write = { method, path, type: headers['content-type'], body };
    this.taken.push(write);
    const { status, body: said = body } = this.answer(write) ?? { status: 201 };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  }

  /** The bodies sent to paths that end so. */
  bodies(end: string): Record<string, unknown>[] {
    return this.taken
      .filter(({ path }) => path.endsWith(end))
      .map(({ body }) => body as Record<string, unknown>);
  }
}
