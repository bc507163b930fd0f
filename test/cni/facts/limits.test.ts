import assert from 'node:assert/strict';
import { type Socket } from 'node:net';
import { readPodFacts } from '../../../cni/facts/facts.ts';
import { CniError } from '../../../cni/spec/error.ts';
import { causes } from '../../../cni/spec/error.ts';
import { answer, type Listener, serveRaw, temporaryDirectory } from './serve.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };
const head = 'HTTP/1.1 200 OK\r\n';

interface Hostile {
  readonly talk: (socket: Socket) => void;
  readonly details: RegExp;
  /** Longer where what is told is not that the time is up: it must have been seen by then. */
  readonly deadlineMs?: number;
}

/** What a broken or hostile agent may do that waiting may help against, and what is told when the time is up. */
const silent: Record<string, Hostile> = {
  'accepts and never answers': {
    talk: () => undefined,
    details: /^no complete answer after \d+ ms$/,
  },
  'answers a byte now and then': { talk: drip, details: /^no complete answer after \d+ ms$/ },
  'never ends its head': {
    talk: (socket) => {
      socket.write(head);
    },
    details: /^no complete answer after \d+ ms$/,
  },
  'hangs up at once': {
    talk: (socket) => socket.destroy(),
    details: /^(the connection ended before the answer did|read ECONNRESET|write EPIPE)$/,
    deadlineMs: 2_000,
  },
  'promises more than it sends': {
    talk: (socket) => socket.end(`${head}Content-Length: 99999\r\n\r\n${answer()}`),
    details: /^the connection ended before the answer did$/,
    deadlineMs: 2_000,
  },
};

/** What waiting will not help against. */
const hopeless: Record<string, Hostile> = {
  'never ends its body': { talk: flood, details: /^an answer of more than 4 MiB$/ },
  'answers with more than 4 MiB': {
    talk: (socket) => socket.end(`${head}\r\n${JSON.stringify({ pad: 'x'.repeat(5 << 20) })}`),
    details: /^an answer of more than 4 MiB$/,
  },
  'sends more than it promises': {
    talk: (socket) => socket.end(`${head}Content-Length: 5\r\n\r\n${answer()}`),
    details: /^cannot read the answer: expected HTTP\/1.1$/,
  },
  'speaks something else': {
    talk: (socket) => socket.end('220 mail.example.com ESMTP\r\n\r\n'),
    details: /^cannot read the answer: expected HTTP\/1.1$/,
  },
};

describe('the deadline of readPodFacts()', () => {
  const directory = temporaryDirectory();
  const agentSocket = `${directory.path}/agent.sock`;
  let listener: Listener | undefined;
  afterEach(async () => {
    await listener?.close();
  });
  after(() => {
    directory.dispose();
  });

  for (const [name, { deadlineMs = 300, ...hostile }] of Object.entries(silent)) {
    it(`holds against an agent that ${name}`, async () => {
      await assertGivenUp(hostile, deadlineMs, ` within ${deadlineMs} ms`);
    });
  }

  for (const [name, hostile] of Object.entries(hopeless)) {
    it(`is not waited for with an agent that ${name}`, async () => {
      await assertGivenUp(hostile, 200_000, '');
    });
  }

  async function assertGivenUp(
    { talk, details }: Hostile,
    deadlineMs: number,
    within: string,
  ): Promise<void> {
    listener = await serveRaw(agentSocket, talk);
    const found = readPodFacts(ref, {
      agentSocket,
      apiFallback: undefined,
      podAnnotations: {},
      deadlineMs,
      deadlineAt: performance.now() + deadlineMs,
    });
    await assert.rejects(found, (error) => {
      assert.ok(error instanceof CniError);
      assert.equal(error.code, 11);
      assert.ok(error.message.startsWith(`cannot learn about pod default/web-0${within}: `));
      assert.match(causes(error).join(': '), details);
      return true;
    });
  }
});

function drip(socket: Socket): void {
  const bytes = Buffer.from(`${head}\r\n${answer()}`);
  let at = 0;
  const timer = setInterval(() => {
    socket.write(bytes.subarray(at, (at += 1)));
  }, 20);
  socket.on('close', () => {
    clearInterval(timer);
  });
}

function flood(socket: Socket): void {
  const chunk = Buffer.alloc(1 << 16, 'x');
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  socket.write(`${head}\r\n`);
  more();
}
