import assert from 'node:assert/strict';
import { execaSync } from 'execa';
import { tarball } from '../../../debug/bugreport/tar.ts';

describe('tarball()', () => {
  const deep = `${'directory/'.repeat(12)}file.txt`;
  const files = [
    { name: 'a/empty', text: '' },
    { name: 'a/block', text: 'x'.repeat(512) },
    { name: 'a/utf8', text: 'grüße\n' },
    { name: deep, text: 'deep\n' },
  ];
  const archive = tarball(files, new Date('2026-01-02T03:04:05Z'));
  const tar = (...args: string[]): string =>
    execaSync('tar', ['--gzip', '--file', '-', ...args], { input: archive, env: { TZ: 'UTC' } })
      .stdout;

  it('is an archive for tar, with all names', () => {
    assert.deepEqual(
      tar('--list').split('\n'),
      files.map(({ name }) => name),
    );
  });

  it('holds each file as it is', () => {
    for (const { name, text } of files) {
      assert.equal(tar('--extract', '--to-stdout', name), text.replace(/\n$/, ''));
    }
  });

  it('says that only root may read, and when it was made', () => {
    assert.match(
      tar('--list', '--verbose'),
      /^-rw------- root\/root +0 2026-01-02 03:04 a\/empty$/m,
    );
  });
});
