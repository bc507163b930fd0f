import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHistory, readHistory, readRepairs } from '../../agent/history.ts';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { attachmentRecord, keptRepair } from '../support/records.ts';
import { temporaryDirectory } from '../cni/facts/serve.ts';

describe('createHistory()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let failures: unknown[];

  beforeEach(() => {
    directory = temporaryDirectory();
    failures = [];
  });
  afterEach(() => {
    directory.dispose();
  });

  const file = (name = 'adds.jsonl'): string => `${directory.path}/history/${name}`;
  const keep = async (records: readonly AttachmentRecord[], maxBytes?: number): Promise<void> => {
    const history = createHistory({
      stateDir: directory.path,
      ...(maxBytes !== undefined && { maxBytes }),
      onFailure: (error) => failures.push(error),
    });
    for (const record of records) {
      history.keep(record);
      await history.flush();
    }
  };
  const kept = async (): Promise<string[]> =>
    (await readHistory(directory.path)).map(({ containerId }) => containerId);

  it('knows nothing before the first record', async () => {
    assert.deepEqual(await kept(), []);
  });

  it('keeps whole records, in order, where only root reads', async () => {
    const records = ['a', 'b'].map((containerId) => attachmentRecord({ containerId }));
    await keep(records);
    assert.deepEqual(await readHistory(directory.path), JSON.parse(JSON.stringify(records)));
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.equal(statSync(`${directory.path}/history`).mode & 0o777, 0o700);
  });

  it('goes on behind a torn line', async () => {
    await keep([attachmentRecord({ containerId: 'a' })]);
    appendFileSync(file(), '{"schema":1,"containerId":"torn');
    await keep([attachmentRecord({ containerId: 'b' })]);
    assert.deepEqual(await kept(), ['a', 'b']);
  });

  it('never holds more than two full files, and then the last ones', async () => {
    const records = Array.from({ length: 60 }, (_, i) =>
      attachmentRecord({ containerId: `c${i}` }),
    );
    const bytes = JSON.stringify(records[0]).length * 10;
    await keep(records, bytes);
    assert.deepEqual(readdirSync(`${directory.path}/history`).sort(), [
      'adds.1.jsonl',
      'adds.jsonl',
    ]);
    for (const name of ['adds.jsonl', 'adds.1.jsonl'])
      assert.ok(statSync(file(name)).size <= bytes);
    const last = await kept();
    assert.ok(last.length >= 9, String(last.length));
    assert.deepEqual(
      last,
      records.slice(-last.length).map(({ containerId }) => containerId),
    );
  });

  it('keeps repairs apart, so that no ADD drives them out, and the last ones', async () => {
    const history = createHistory({
      stateDir: directory.path,
      maxBytes: 10_000,
      onFailure: assert.ifError,
    });
    const repairs = Array.from({ length: 2_000 }, (_, i) =>
      keptRepair({ message: `${i} ${'x'.repeat(1_000)}` }),
    );
    for (const repair of repairs) {
      history.keepRepair(repair);
      history.keep(attachmentRecord());
      if (history.waiting() > 100) await history.flush();
    }
    assert.ok(history.waiting() > 0);
    await history.flush();
    assert.equal(history.waiting(), 0);
    const last = await readRepairs(directory.path);
    assert.ok(last.length > 300 && last.length < 1_000, String(last.length));
    assert.deepEqual(last, repairs.slice(-last.length));
  });

  it('never holds more than two full files of bytes, however many repairs come at once, and then the last ones', async () => {
    const history = createHistory({ stateDir: directory.path, onFailure: assert.ifError });
    const repairs = Array.from({ length: 2_000 }, (_, i) =>
      keptRepair({ message: `${i} ${'€'.repeat(1_990)}` }),
    );
    for (const repair of repairs) history.keepRepair(repair);
    await history.flush();
    const names = readdirSync(`${directory.path}/history`);
    for (const name of names) assert.ok(statSync(file(name)).size <= 512 * 1024, name);
    // Those between the first one, which was being written, and these had to make room.
    const last = (await readRepairs(directory.path)).slice(-70);
    assert.deepEqual(last, repairs.slice(-70));
  });

  it('lets go of a record that is longer than a file may be', async () => {
    await keep([attachmentRecord()], 100);
    assert.deepEqual(await kept(), []);
  });

  it('passes over what is no repair', async () => {
    await keep([attachmentRecord()]);
    const lines = [keptRepair(), { ...keptRepair(), mode: 'x' }, attachmentRecord(), 'torn', null];
    writeFileSync(file('repairs.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
    appendFileSync(file('repairs.jsonl'), '\n{"schema":1,"kind":"rep');
    assert.deepEqual(await readRepairs(directory.path), [keptRepair()]);
  });

  it('holds no secret that an annotation or a variable may hold', async () => {
    const { facts } = attachmentRecord();
    const app = { name: 'app', init: false, runAsUser: undefined, runAsGroup: undefined };
    const secret = { ...app, args: ['--password=hunter2'], env: [{ name: 'P', value: 'hunter2' }] };
    const pod = facts && { ...facts.pod, annotations: { 'example.com/a': 'hunter2' } };
    const changes = facts && pod && { facts: { ...facts, pod: { ...pod, containers: [secret] } } };
    await keep([attachmentRecord(changes)]);
    assert.doesNotMatch(readFileSync(file(), 'utf8'), /hunter2/);
    assert.deepEqual(await kept(), ['c0ffee']);
  });

  it('leaves out rules that would fill it', async () => {
    const { rules } = attachmentRecord();
    const rule = { id: 'x', match: 'y'.repeat(80_000), target: 'RETURN' };
    const table = { name: 'nat' as const, chains: [{ name: 'ISTIO_OUTPUT', rules: [rule] }] };
    await keep([
      attachmentRecord(rules && { rules: { ...rules, ipv4: { ...rules.ipv4, tables: [table] } } }),
    ]);
    const [record] = await readHistory(directory.path);
    assert.equal(record?.rules, undefined);
    assert.deepEqual(record?.decision, attachmentRecord().decision);
  });

  it('tells once what it cannot write', async () => {
    writeFileSync(`${directory.path}/history`, '');
    await keep([attachmentRecord(), attachmentRecord()]);
    assert.equal(failures.length, 1);
    const told: string[] = [];
    const history = createHistory({
      stateDir: directory.path,
      onFailure: (_, what) => told.push(what),
    });
    for (let i = 0; i < 2; i += 1) {
      history.keep(attachmentRecord());
      history.keepRepair(keptRepair());
      await history.flush();
    }
    assert.deepEqual(told.sort(), ['ADDs', 'repairs']);
  });
});
