import assert from 'node:assert/strict';
import { type Socket } from 'node:net';
import { readPodFacts } from '../../../cni/facts/facts.ts';
import { CniError } from '../../../cni/spec/error.ts';
import { causes } from '../../../cni/spec/error.ts';
import { answer, type Listener, serveRaw, temporaryDirectory } from './serve.ts';

const ref = { namespace: 'default', name: 'web-0', uid: 'uid-1' };
const head = 'HTTP/1.1 200 OK\r\n';

/** What a broken or hostile agent may do, and what is told in the end. */
const hostile: Record<string, { talk: (socket: Socket) => void; details: RegExp }> = {
  'accepts and never answers': {
    talk: () => undefined,
    details: /^no complete answer after \d+ ms$/,
  },
  'answers a byte now and then': { talk: drip, details: /^no complete answer after \d+ ms$/ },
  'never ends its body': { talk: flood, details: /^an answer of more than 4 MiB$/ },
  'never ends its head': {
    talk: (socket) => {
      socket.write(head);
    },
    details: /^no complete answer after \d+ ms$/,
  },
  'answers with more than 4 MiB': {
    talk: (socket) => socket.end(`${head}\r\n${JSON.stringify({ pad: 'x'.repeat(5 << 20) })}`),
    details: /^an answer of more than 4 MiB$/,
  },
  'hangs up at once': {
    talk: (socket) => socket.destroy(),
    details: /^(the connection ended before the answer did|read ECONNRESET|write EPIPE)$/,
  },
  'promises more than it sends': {
    talk: (socket) => socket.end(`${head}Content-Length: 99999\r\n\r\n${answer()}`),
    details: /^the connection ended before the answer did$/,
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

  for (const [name, { talk, details }] of Object.entries(hostile)) {
    it(`holds against an agent that ${name}`, async () => {
      listener = await serveRaw(agentSocket, talk);
      const deadlineMs = 300;
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
        assert.match(error.message, /^cannot learn about pod default\/web-0( within 300 ms)?: /);
        assert.match(causes(error).join(': '), details);
        return true;
      });
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
