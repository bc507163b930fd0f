import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { listRecords, readRecord, removeRecord, writeRecord } from '../../cni/record.ts';
import { attachmentRecord } from '../support/records.ts';

/** What is left after JSON: keys that are undefined are not there. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('record', () => {
  let directory = '';
  let stateDir = '';
  let attachments = '';
  const id = { containerId: 'c0ffee', ifName: 'eth0' };
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/sluice-record-`);
    stateDir = `${directory}/lib/sluice`;
    attachments = `${stateDir}/attachments`;
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  describe('writeRecord()', () => {
    it('writes what readRecord() reads', () => {
      writeRecord(stateDir, attachmentRecord());
      assert.deepEqual(readRecord(stateDir, id), asJson(attachmentRecord()));
    });

    it('makes directories and file for root alone', () => {
      writeRecord(stateDir, attachmentRecord());
      const paths = [stateDir, attachments, `${attachments}/c0ffee-eth0.json`];
      const modes = paths.map((path) => (statSync(path).mode & 0o777).toString(8));
      assert.deepEqual(modes, ['700', '700', '600']);
    });

    it('completes a pending record, and leaves nothing beside it', () => {
      writeRecord(stateDir, attachmentRecord({ outcome: 'pending', finishedAt: undefined }));
      assert.equal(readRecord(stateDir, id)?.outcome, 'pending');
      writeRecord(stateDir, attachmentRecord());
      assert.equal(readRecord(stateDir, id)?.outcome, 'redirected');
      assert.deepEqual(readdirSync(attachments), ['c0ffee-eth0.json']);
    });

    it('replaces a symbolic link, and does not follow it', () => {
      mkdirSync(attachments, { recursive: true });
      writeFileSync(`${directory}/shadow`, 'untouched');
      symlinkSync(`${directory}/shadow`, `${attachments}/c0ffee-eth0.json`);
      writeRecord(stateDir, attachmentRecord());
      assert.equal(readFileSync(`${directory}/shadow`, 'utf8'), 'untouched');
      assert.equal(readRecord(stateDir, id)?.outcome, 'redirected');
    });

    for (const containerId of ['../../etc/passwd', '..', 'a/b', '.hidden', 'a\0b']) {
      it(`refuses ${JSON.stringify(containerId)} as a container ID`, () => {
        const record = attachmentRecord({ containerId });
        assert.throws(() => {
          writeRecord(stateDir, record);
        }, RangeError);
        assert.equal(existsSync(stateDir), false);
      });
    }

    it('says what is in the way of the state directory', () => {
      writeFileSync(`${directory}/lib`, '');
      const message = `cannot write record "${attachments}/c0ffee-eth0.json": a part of the path is not a directory`;
      assert.throws(
        () => {
          writeRecord(stateDir, attachmentRecord());
        },
        { message },
      );
    });

    it('says that a directory is in the way of the record', () => {
      mkdirSync(`${attachments}/c0ffee-eth0.json`, { recursive: true });
      const message = `cannot write record "${attachments}/c0ffee-eth0.json": a directory is in the way`;
      assert.throws(
        () => {
          writeRecord(stateDir, attachmentRecord());
        },
        { message },
      );
      assert.deepEqual(readdirSync(attachments), ['c0ffee-eth0.json']);
    });
  });

  describe('readRecord()', () => {
    const unreadable = {
      'a torn record': '{"schema": 1, "cont',
      'a record of another attachment': JSON.stringify(attachmentRecord({ ifName: 'net1' })),
    };
    for (const [name, content] of Object.entries(unreadable)) {
      it(`takes ${name} for no record`, () => {
        mkdirSync(attachments, { recursive: true });
        writeFileSync(`${attachments}/c0ffee-eth0.json`, content);
        assert.equal(readRecord(stateDir, id), undefined);
      });
    }

    it('finds none where there is no state directory', () => {
      assert.equal(readRecord(stateDir, id), undefined);
    });

    it('does not follow a symbolic link', () => {
      mkdirSync(attachments, { recursive: true });
      writeFileSync(`${directory}/elsewhere`, JSON.stringify(attachmentRecord()));
      symlinkSync(`${directory}/elsewhere`, `${attachments}/c0ffee-eth0.json`);
      assert.equal(readRecord(stateDir, id), undefined);
    });
  });

  describe('removeRecord()', () => {
    it('removes the record, and what killed runs left of it', () => {
      writeRecord(stateDir, attachmentRecord());
      writeRecord(stateDir, attachmentRecord({ ifName: 'net1' }));
      writeFileSync(`${attachments}/.c0ffee-eth0.json.123.abc.tmp`, '{"sch');
      writeFileSync(`${attachments}/.c0ffee-net1.json.123.abc.tmp`, '{"sch');
      removeRecord(stateDir, id);
      assert.deepEqual(readdirSync(attachments), [
        '.c0ffee-net1.json.123.abc.tmp',
        'c0ffee-net1.json',
      ]);
    });

    it('removes a torn record', () => {
      mkdirSync(attachments, { recursive: true });
      writeFileSync(`${attachments}/c0ffee-eth0.json`, '{"sch');
      removeRecord(stateDir, id);
      assert.deepEqual(readdirSync(attachments), []);
    });

    it('is content where there is none', () => {
      removeRecord(stateDir, id);
      assert.equal(existsSync(stateDir), false);
    });
  });

  describe('listRecords()', () => {
    it('lists records in the order of their names, and nothing else', () => {
      for (const containerId of ['b', 'a-with-dashes', 'a']) {
        writeRecord(stateDir, attachmentRecord({ containerId }));
      }
      writeFileSync(`${attachments}/notes.json`, '{}');
      writeFileSync(`${attachments}/.a-eth0.json.1.a.tmp`, JSON.stringify(attachmentRecord()));
      writeFileSync(`${attachments}/z-eth0.json`, JSON.stringify(attachmentRecord()));
      const names = listRecords(stateDir).map(({ containerId }) => containerId);
      assert.deepEqual(names, ['a', 'a-with-dashes', 'b']);
    });

    it('lists nothing where there is no state directory', () => {
      assert.deepEqual(listRecords(stateDir), []);
    });
  });
});
