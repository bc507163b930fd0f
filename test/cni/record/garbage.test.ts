import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { collectGarbage, writeRecord } from '../../../cni/record.ts';
import { attachmentRecord } from '../../support/records.ts';

describe('collectGarbage()', () => {
  let stateDir = '';
  let attachments = '';
  beforeEach(() => {
    stateDir = mkdtempSync(`${tmpdir()}/sluice-garbage-`);
    attachments = `${stateDir}/attachments`;
  });
  afterEach(() => {
    rmSync(stateDir, { recursive: true, force: true });
  });
  const record = (containerId: string, ifName = 'eth0'): void => {
    writeRecord(stateDir, attachmentRecord({ containerId, ifName }));
  };

  it('drops the records of attachments that are not in the list', () => {
    record('a');
    record('b');
    record('b', 'net1');
    const removed = collectGarbage(stateDir, [{ containerId: 'b', ifName: 'eth0' }]);
    assert.deepEqual(removed, ['a-eth0.json', 'b-net1.json']);
    assert.deepEqual(readdirSync(attachments), ['b-eth0.json']);
  });

  it('drops all for an empty list', () => {
    record('a');
    record('with-dashes');
    collectGarbage(stateDir, []);
    assert.deepEqual(readdirSync(attachments), []);
  });

  it('drops nothing where there is no list', () => {
    record('a');
    assert.deepEqual(collectGarbage(stateDir, undefined), []);
    assert.deepEqual(readdirSync(attachments), ['a-eth0.json']);
  });

  it('is content where there is no state directory', () => {
    assert.deepEqual(collectGarbage(`${stateDir}/no`, []), []);
  });

  it('leaves what is not ours', () => {
    record('a');
    const foreign = {
      'README.md': 'hello',
      'other-eth0.json': '{"schema": 1}',
      'copy-eth0.json': JSON.stringify(attachmentRecord({ containerId: 'a' })),
      '.swp': '',
      'empty.json': '',
    };
    for (const [name, text] of Object.entries(foreign))
      writeFileSync(`${attachments}/${name}`, text);
    mkdirSync(`${attachments}/directory-eth0.json`);
    collectGarbage(stateDir, []);
    const left = [...Object.keys(foreign), 'directory-eth0.json'].sort();
    assert.deepEqual(readdirSync(attachments).sort(), left);
  });

  it('drops what a power loss emptied, unless it is valid', () => {
    record('a');
    writeFileSync(`${attachments}/b-eth0.json`, '');
    writeFileSync(`${attachments}/c-eth0.json`, '');
    collectGarbage(stateDir, [{ containerId: 'c', ifName: 'eth0' }]);
    assert.deepEqual(readdirSync(attachments), ['c-eth0.json']);
  });

  it('drops what killed runs left, but not of an attachment that may be at it', () => {
    record('a');
    writeFileSync(`${attachments}/.a-eth0.json.77.k3.tmp`, '');
    writeFileSync(`${attachments}/.b-eth0.json.77.k3.tmp`, '{"sch');
    collectGarbage(stateDir, [{ containerId: 'a', ifName: 'eth0' }]);
    assert.deepEqual(readdirSync(attachments), ['.a-eth0.json.77.k3.tmp', 'a-eth0.json']);
  });

  it('keeps exactly the valid ones, whatever their names', () => {
    const containerId = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,20}$/);
    const attachment = fc.record({ containerId, ifName: fc.stringMatching(/^[a-z0-9.-]{1,15}$/) });
    const name = (id: { containerId: string; ifName: string }): string =>
      `${id.containerId}-${id.ifName}.json`;
    const attachmentsOf = fc.uniqueArray(fc.tuple(attachment, fc.boolean()), {
      selector: ([id]) => name(id),
      maxLength: 8,
    });
    fc.assert(
      fc.property(attachmentsOf, (all) => {
        for (const [id] of all) record(id.containerId, id.ifName);
        const valid = all.filter(([, isValid]) => isValid).map(([id]) => id);
        collectGarbage(stateDir, valid);
        const left = all.length === 0 ? [] : readdirSync(attachments).sort();
        assert.deepEqual(left, valid.map(name).sort());
        collectGarbage(stateDir, []);
      }),
      { numRuns: 20 },
    );
  });
});
