import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Pods } from '../../agent/list.ts';
import { cutPod } from '../../agent/pod.ts';
import { openStore, type Store } from '../../agent/store.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';
import { type PodChanges, v1Pod } from '../support/pod.ts';
import { until } from './until.ts';

describe('openStore()', () => {
  const stop = new AbortController();
  let directory: ReturnType<typeof temporaryDirectory>;
  let failures: unknown[];
  let at = 0;

  beforeEach(() => {
    directory = temporaryDirectory();
    failures = [];
    at = 0;
  });
  afterEach(() => {
    directory.dispose();
  });
  after(() => {
    stop.abort();
  });

  const folder = (): string => `${directory.path}/state/pods`;
  const open = (path = folder()): Promise<Store> =>
    openStore({
      directory: path,
      retryMs: 5,
      now: () => new Date((at += 1_000)),
      onFailure: (error) => failures.push(error),
      signal: stop.signal,
    });
  const ref = { namespace: 'default', name: 'web-0', uid: 'u1' };

  it('knows what it was told, and since when', async () => {
    const store = await open();
    store.update(pods({ uid: 'u1' }));
    const known = store.find(ref);
    assert.deepEqual(known, {
      pod: cutPod(v1Pod({ uid: 'u1' })),
      source: 'watch',
      observedAt: '1970-01-01T00:00:01.000Z',
    });
    await store.flush();
  });

  it('knows it after a restart, and says that it is from the disk', async () => {
    const before = await open();
    before.update(pods({ uid: 'u1' }, { name: 'web-1', uid: 'u2' }));
    await before.flush();
    const after = await open();
    const { pod, ...known } = after.find(ref) ?? {};
    assert.equal(JSON.stringify(pod), JSON.stringify(before.find(ref)?.pod));
    assert.deepEqual(known, { source: 'disk', observedAt: '1970-01-01T00:00:01.000Z' });
    assert.equal(after.size(), 2);
  });

  it('knows it better once the API server tells it again', async () => {
    const before = await open();
    before.update(pods({ uid: 'u1' }));
    await before.flush();
    const after = await open();
    after.update(pods({ uid: 'u1' }));
    assert.equal(after.find(ref)?.source, 'watch');
    await after.flush();
  });

  it('forgets what the API server does not know any more, on disk too', async () => {
    const store = await open();
    store.update(pods({ uid: 'u1' }, { name: 'web-1', uid: 'u2' }));
    store.update(pods({ name: 'web-1', uid: 'u2' }));
    assert.equal(store.find(ref), undefined);
    await store.flush();
    assert.deepEqual(readdirSync(folder()), ['u2.json']);
  });

  it('finds the pod that is meant among those of its name', async () => {
    const store = await open();
    store.update(pods({ uid: 'u1' }, { uid: 'u2' }));
    assert.equal(store.find(ref)?.pod.metadata.uid, 'u1');
    assert.equal(store.find({ ...ref, uid: undefined })?.pod.metadata.uid, 'u2');
    assert.equal(store.find({ ...ref, uid: 'u3' })?.pod.metadata.uid, 'u2');
    assert.equal(store.find({ ...ref, namespace: 'other' }), undefined);
    await store.flush();
  });

  it('keeps its files to root', async () => {
    const store = await open();
    store.update(pods({ uid: 'u1' }));
    await store.flush();
    const modes = [folder(), `${folder()}/u1.json`].map((path) => statSync(path).mode & 0o777);
    assert.deepEqual(modes, [0o700, 0o600]);
  });

  it('does not write what says nothing new', async () => {
    const store = await open();
    store.update(pods({ uid: 'u1' }));
    await store.flush();
    const { ino } = statSync(`${folder()}/u1.json`);
    const newer = v1Pod({ uid: 'u1' });
    const metadata = { ...newer.metadata, resourceVersion: '2' };
    store.update(new Map([['u1', cutPod({ ...newer, metadata })]]));
    await store.flush();
    assert.equal(statSync(`${folder()}/u1.json`).ino, ino);
    assert.equal(store.find(ref)?.pod.metadata.resourceVersion, '2');
  });

  const garbage: Record<string, [name: string, text: string]> = {
    'a torn file': ['u2.json', '{"schema":1,"obs'],
    'an empty file': ['u2.json', ''],
    'a schema of the future': ['u2.json', '{"schema":2}'],
    'another pod than its name says': ['u2.json', 'copy of u1'],
    'what a killed write left': ['u2.json.abcdef.tmp', 'half'],
  };
  for (const [what, [name, text]] of Object.entries(garbage)) {
    it(`passes over ${what}`, async () => {
      const before = await open();
      before.update(pods({ uid: 'u1' }));
      await before.flush();
      const copy = readFileSync(`${folder()}/u1.json`, 'utf8');
      writeFileSync(`${folder()}/${name}`, text === 'copy of u1' ? copy : text);
      assert.equal((await open()).size(), 1);
      assert.deepEqual(failures, []);
    });
  }

  it('serves from memory while the disk refuses, says so once, and writes when it can', async () => {
    writeFileSync(`${directory.path}/state`, 'no directory');
    const store = await open(`${directory.path}/state/pods`);
    store.update(pods({ uid: 'u1' }));
    const reported = failures.length;
    await until(() => failures.length > reported);
    store.update(pods({ uid: 'u1' }, { name: 'web-1', uid: 'u2' }));
    assert.equal(store.find(ref)?.source, 'watch');
    rmSync(`${directory.path}/state`);
    await store.flush();
    assert.deepEqual(readdirSync(folder()), ['u1.json', 'u2.json']);
    assert.equal(failures.length, reported + 1);
  });
});

function pods(...changes: PodChanges[]): Pods {
  return new Map(changes.map((change) => [change.uid ?? '', cutPod(v1Pod(change))]));
}
