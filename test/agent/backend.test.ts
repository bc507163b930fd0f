import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  type BackendChoice,
  chooseBackend,
  type ChooseOptions,
  readBackend,
  untilChosen,
} from '../../agent/backend.ts';
import { type Evidence } from '../../agent/trial.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { VERSION } from '../../cni/version.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';

describe('chooseBackend()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let tried: string[];

  beforeEach(() => {
    directory = temporaryDirectory();
    tried = [];
  });
  afterEach(() => {
    directory.dispose();
  });

  const choose = (
    broken: readonly string[],
    changes: Partial<ChooseOptions> = {},
  ): Promise<BackendChoice> =>
    chooseBackend({
      stateDir: `${directory.path}/state`,
      wanted: 'auto',
      kernel: '6.1',
      now: () => new Date(0),
      tryBackend: async (backend, trial) => {
        const name = `${backend} ${trial}`;
        tried.push(name);
        return evidence(backend, trial, broken.includes(name) ? 'no module' : undefined);
      },
      ...changes,
    });

  it('takes iptables-nft where it works, and records the evidence', async () => {
    const choice = await choose([]);
    assert.deepEqual(choice, {
      schema: 1,
      backend: 'iptables-nft',
      evidence: [
        evidence('iptables-nft', 'redirect', undefined),
        evidence('iptables-nft', 'dns', undefined),
        evidence('iptables-nft', 'tproxy', undefined),
      ],
      chosenAt: '1970-01-01T00:00:00.000Z',
      kernel: '6.1',
      version: VERSION,
    });
    assert.equal(
      JSON.stringify(await readBackend(`${directory.path}/state`)),
      JSON.stringify(choice),
    );
  });

  it('takes iptables-legacy where iptables-nft cannot redirect', async () => {
    const { backend } = await choose(['iptables-nft redirect']);
    assert.equal(backend, 'iptables-legacy');
    assert.deepEqual(tried.slice(0, 2), ['iptables-nft redirect', 'iptables-legacy redirect']);
  });

  it('records what else does not work, and takes it all the same', async () => {
    const choice = await choose(['iptables-nft tproxy']);
    assert.equal(choice.backend, 'iptables-nft');
    assert.equal(choice.evidence.at(-1)?.failure, 'no module');
  });

  it('tries only what the configuration wants', async () => {
    await assert.rejects(choose(['iptables-nft redirect'], { wanted: 'iptables-nft' }), {
      message: 'cannot use any backend on this node: iptables-nft: no module',
    });
  });

  it('names each that does not work, and records nothing', async () => {
    await assert.rejects(choose(['iptables-nft redirect', 'iptables-legacy redirect']), {
      message:
        'cannot use any backend on this node: iptables-nft: no module; iptables-legacy: no module',
    });
    assert.equal(await readBackend(`${directory.path}/state`), undefined);
  });

  it('tries once per node', async () => {
    const choice = await choose(['iptables-nft redirect']);
    tried = [];
    assert.equal(JSON.stringify(await choose([])), JSON.stringify(choice));
    assert.deepEqual(tried, []);
  });

  it('tries again under another kernel, first what the running pods have', async () => {
    await choose(['iptables-nft redirect']);
    tried = [];
    const { backend } = await choose([], { kernel: '6.2' });
    assert.equal(backend, 'iptables-legacy');
    assert.equal(tried[0], 'iptables-legacy redirect');
  });

  it('tries again when another one is wanted', async () => {
    await choose([]);
    const { backend } = await choose([], { wanted: 'iptables-legacy' });
    assert.equal(backend, 'iptables-legacy');
  });

  it('chooses nothing once aborted: what a trial found that was broken off is no evidence', async () => {
    const stop = new AbortController();
    const chosen = choose([], {
      signal: stop.signal,
      tryBackend: async (backend, trial) => {
        tried.push(`${backend} ${trial}`);
        if (trial === 'dns') stop.abort();
        return evidence(backend, trial, stop.signal.aborted ? 'killed' : undefined);
      },
    });
    await assert.rejects(chosen, { name: 'AbortError' });
    assert.deepEqual(tried, ['iptables-nft redirect', 'iptables-nft dns']);
    assert.equal(await readBackend(`${directory.path}/state`), undefined);
  });

  for (const text of ['', '{', '[]', '{"schema":2,"backend":"iptables-nft"}', '{"schema":1}']) {
    it(`does not believe ${JSON.stringify(text)}`, async () => {
      mkdirSync(`${directory.path}/state`);
      writeFileSync(`${directory.path}/state/backend.json`, text);
      await choose([]);
      assert.match(readFileSync(`${directory.path}/state/backend.json`, 'utf8'), /chosenAt/);
    });
  }
});

describe('untilChosen()', () => {
  it('tries until it succeeds, and tells what went wrong', async () => {
    const failures: unknown[] = [];
    const choice = { backend: 'iptables-nft' } as BackendChoice;
    const results = [Promise.reject(new Error('a')), Promise.resolve(choice)];
    const chosen = await untilChosen({
      choose: () => results.shift() ?? Promise.resolve(choice),
      retryMs: 1,
      onFailure: (error) => failures.push(error),
      signal: new AbortController().signal,
    });
    assert.equal(chosen, choice);
    assert.deepEqual(failures, [new Error('a')]);
  });

  it('passes the stop on, and does not tell it as a failure', async () => {
    const stop = new AbortController();
    const failures: unknown[] = [];
    const chosen = untilChosen({
      choose: (signal) => once(signal, 'abort').then(() => Promise.reject(new Error('killed'))),
      retryMs: 1_000_000,
      onFailure: (error) => failures.push(error),
      signal: stop.signal,
    });
    stop.abort();
    assert.equal(await chosen, undefined);
    assert.deepEqual(failures, []);
  });

  it('gives up when aborted', async () => {
    const stop = new AbortController();
    const chosen = await untilChosen({
      choose: () => Promise.reject(new Error('a')),
      retryMs: 1_000_000,
      onFailure: () => {
        stop.abort();
      },
      signal: stop.signal,
    });
    assert.equal(chosen, undefined);
  });
});

function evidence(
  backend: Backend,
  trial: Evidence['trial'],
  failure: string | undefined,
): Evidence {
  return { backend, trial, families: [], warnings: [], failure };
}
