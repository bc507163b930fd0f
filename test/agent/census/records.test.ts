import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createRecords } from '../../../agent/census/records.ts';
import { removeRecord, writeRecord } from '../../../cni/record.ts';
import { temporaryDirectory } from '../../cni/facts/serve.ts';
import { record } from '../record.ts';

describe('createRecords()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.dispose();
  });

  const write = (containerId: string, network = 'net'): void => {
    const { request, ...rest } = record();
    writeRecord(directory.path, { ...rest, containerId, request: { ...request, network } });
  };

  it('are none where there is no state', () => {
    assert.deepEqual(createRecords(`${directory.path}/none`)(), []);
  });

  it('follow what comes, changes and goes', () => {
    const records = createRecords(directory.path);
    const now = (): string[] =>
      records().map(({ containerId, request }) => `${containerId} ${request.network}`);
    write('c1');
    write('c2');
    assert.deepEqual(now(), ['c1 net', 'c2 net']);
    write('c1', 'other');
    assert.deepEqual(now(), ['c1 other', 'c2 net']);
    removeRecord(directory.path, { containerId: 'c2', ifName: 'eth0' });
    assert.deepEqual(now(), ['c1 other']);
  });

  it('read a file that has not changed once', () => {
    const records = createRecords(directory.path);
    write('c1');
    assert.equal(records()[0], records()[0]);
  });

  it('pass over what is none', () => {
    write('c1');
    const attachments = `${directory.path}/attachments`;
    writeFileSync(`${attachments}/torn-eth0.json`, '{"schema": 1');
    writeFileSync(`${attachments}/notes.txt`, '{}');
    symlinkSync(`${attachments}/c1-eth0.json`, `${attachments}/c3-eth0.json`);
    assert.deepEqual(
      createRecords(directory.path)().map(({ containerId }) => containerId),
      ['c1'],
    );
  });
});
