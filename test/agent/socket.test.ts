import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type IncomingMessage } from 'node:http';
import { keepSocket } from '../../agent/socket.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { until } from './until.ts';

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly times: () => number;
  /** Questions that it has received. */
  readonly asked: () => number;
}

describe('keepSocket()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: Running[];

  beforeEach(() => {
    directory = temporaryDirectory();
    running = [];
  });
  afterEach(async () => {
    for (const { stop } of running) stop.abort();
    await Promise.all(running.map(({ done }) => done));
    directory.dispose();
  });

  const path = (): string => `${directory.path}/run/agent.sock`;
  const start = async (name: string, answerMs = 0): Promise<Running> => {
    const stop = new AbortController();
    let times = 0;
    let asked = 0;
    const done = keepSocket({
      path: path(),
      listener: (_, response) => {
        asked += 1;
        setTimeout(() => response.end(name), answerMs);
      },
      checkMs: 5,
      graceMs: 500,
      onListening: () => (times += 1),
      signal: stop.signal,
    });
    const one = { stop, done, times: () => times, asked: () => asked };
    running.push(one);
    await until(() => times > 0);
    return one;
  };
  const ask = async (): Promise<string> => {
    const asked = request({ socketPath: path(), agent: false }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return text(response);
  };

  it('listens where only root may ask', async () => {
    await start('one');
    assert.equal(await ask(), 'one');
    assert.equal(statSync(path()).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(`${directory.path}/run`), ['agent.sock']);
  });

  it('replaces a stale socket', async () => {
    const before = await start('before');
    before.stop.abort();
    await before.done;
    assert.ok(existsSync(path()));
    await assert.rejects(ask(), { code: 'ECONNREFUSED' });
    await start('after');
    assert.equal(await ask(), 'after');
  });

  it('replaces a file that is in the way', async () => {
    const before = await start('before');
    before.stop.abort();
    await before.done;
    rmSync(path());
    writeFileSync(path(), '');
    await start('after');
    assert.equal(await ask(), 'after');
  });

  it('takes over from another agent without a gap, and for good', async () => {
    const old = await start('old');
    const answers: string[] = [];
    const stop = new AbortController();
    const asking = (async () => {
      while (!stop.signal.aborted) answers.push(await ask());
    })();
    await until(() => answers.length > 5);
    await start('new');
    await until(() => answers.at(-1) === 'new');
    old.stop.abort();
    await old.done;
    const before = answers.length;
    await until(() => answers.length > before + 5);
    stop.abort();
    await asking;
    assert.deepEqual([...new Set(answers)], ['old', 'new']);
    assert.equal(answers.indexOf('new'), answers.lastIndexOf('old') + 1);
  });

  it('takes the path back from a successor that dies', async () => {
    const old = await start('old');
    const successor = await start('new');
    successor.stop.abort();
    await successor.done;
    await until(() => old.times() === 2);
    assert.equal(await ask(), 'old');
  });

  it('leaves the path to a successor that lives', async () => {
    const old = await start('old');
    await start('new');
    for (let i = 0; i < 20; i += 1) assert.equal(await ask(), 'new');
    assert.equal(old.times(), 1);
  });

  it('comes back when somebody removes the socket', async () => {
    const one = await start('one');
    rmSync(path());
    await until(() => one.times() === 2);
    assert.equal(await ask(), 'one');
  });

  it('gives the answers that are under way before it ends', async () => {
    const { stop, done, asked } = await start('late', 50);
    const answer = ask();
    await until(asked);
    stop.abort();
    await done;
    assert.equal(await answer, 'late');
  });

  it('does not wait for ever for those who do not come to an end', async () => {
    const { stop, done, asked } = await start('never', 1_000_000);
    const answer = ask();
    await until(asked);
    stop.abort();
    await done;
    await assert.rejects(answer, { code: 'ECONNRESET' });
  });
});
