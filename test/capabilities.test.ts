import assert from 'node:assert/strict';
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { isSeq, parseAllDocuments } from 'yaml';
import { createCleanup } from './support/cleanup.ts';
import { scratchDirectory } from './support/ground.ts';
import { hasRoot } from './support/scratch.ts';

/** What cannot be done without it. */
const needs: Readonly<Record<string, readonly string[]>> = {
  SYS_ADMIN: ['iptables-nft', 'iptables-legacy'],
  NET_ADMIN: ['iptables-nft', 'iptables-legacy'],
  NET_RAW: ['iptables-legacy'],
  DAC_OVERRIDE: ['conflist'],
  CHOWN: ['conflist'],
  FOWNER: ['conflist'],
  SYS_PTRACE: ['netns of a process'],
  SETUID: ['packet of a user'],
  SETGID: ['packet of a group'],
};

describe('capabilities of DaemonSet.yaml', () => {
  const cleanup = createCleanup();
  const owner = 4_711;
  let granted: readonly string[];
  let conflist: string;
  before(async function () {
    if (!hasRoot()) this.skip();
    granted = await readGranted();
    const directory = join(await scratchDirectory(cleanup), 'net.d');
    conflist = join(directory, '10-primary.conflist');
    await mkdir(directory);
    await writeFile(conflist, '', { mode: 0o640 });
    for (const path of [conflist, directory]) await chown(path, owner, owner);
  });
  after(() => cleanup.run());

  it('are those that something needs', () => {
    assert.deepEqual(granted, Object.keys(needs));
  });

  it('are enough', async () => {
    assert.deepEqual(await failing(granted), []);
    const { uid, gid, mode } = await stat(conflist);
    assert.deepEqual([uid, gid, mode & 0o777], [owner, owner, 0o640]);
  });

  for (const [capability, failed] of Object.entries(needs)) {
    it(`are not enough without ${capability}`, async () => {
      assert.deepEqual(await failing(granted.filter((each) => each !== capability)), failed);
    });
  }

  async function failing(capabilities: readonly string[]): Promise<unknown> {
    const set = ['-all', ...capabilities.map((each) => `+${each.toLowerCase()}`)].join();
    const program = fileURLToPath(new URL('support/capable.ts', import.meta.url));
    const node = [process.execPath, '--no-warnings', program, conflist];
    const { stdout } = await execa('setpriv', [
      `--bounding-set=${set}`,
      '--inh-caps=-all',
      ...node,
    ]);
    return JSON.parse(stdout) as unknown;
  }
});

async function readGranted(): Promise<readonly string[]> {
  const documents = parseAllDocuments(await readFile('DaemonSet.yaml', 'utf8'));
  const daemonSet = documents.find((document) => document.get('kind') === 'DaemonSet');
  const path = 'spec.template.spec.containers.0.securityContext.capabilities.add';
  const capabilities: unknown = daemonSet?.getIn(path.split('.'));
  assert.ok(isSeq(capabilities));
  return capabilities.toJSON() as string[];
}
