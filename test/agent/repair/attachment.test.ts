import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { attachmentOf } from '../../../agent/repair/attachment.ts';
import { temporaryDirectory } from '../../cni/facts/serve.ts';

describe('attachmentOf()', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
    mkdirSync(`${directory.path}/results`);
  });
  afterEach(() => {
    directory.dispose();
  });

  const write = (name: string, content: unknown, at = 1): void => {
    const file = `${directory.path}/results/${name}`;
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    utimesSync(file, at, at);
  };
  /** As libcni before 1.2 writes it: without the netns. */
  const result = (changes: object = {}): object => ({
    ...{ kind: 'cniCacheV1', containerId: 'c1', ifName: 'eth0', networkName: 'net' },
    ...{ cniArgs: [['K8S_POD_UID', 'u1']] },
    ...changes,
  });
  const find = (...uids: string[]): unknown => attachmentOf(uids, `${directory.path}/results`);

  it('is how the runtime calls it', () => {
    write('net-c1-eth0', result());
    const expected = { containerId: 'c1', ifName: 'eth0', network: 'net' };
    assert.deepEqual(find('mirror', 'u1'), expected);
  });

  it('is that of the newest sandbox', () => {
    write('net-c1-eth0', result(), 2);
    write('net-c2-eth0', result({ containerId: 'c2' }), 3);
    write('net-c0-eth0', result({ containerId: 'c0' }), 1);
    assert.equal((find('u1') as { containerId: string }).containerId, 'c2');
  });

  const others: Readonly<Record<string, unknown>> = {
    loopback: result({ ifName: 'lo' }),
    'another pod': result({ cniArgs: [['K8S_POD_UID', 'u2']] }),
    'no pod': result({ cniArgs: [] }),
    'a torn file': '{"kind":',
    'something else': [],
    'no network': result({ networkName: 1 }),
  };
  for (const [name, content] of Object.entries(others)) {
    it(`is not that of ${name}`, () => {
      write('one', content);
      assert.equal(find('u1'), undefined);
    });
  }

  it('is none where the runtime keeps nothing', () => {
    assert.equal(attachmentOf(['u1'], `${directory.path}/none`), undefined);
  });
});
