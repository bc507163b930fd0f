import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../debug/cni/cni.ts';
import { invoke } from '../debug/invoke.ts';
import { injected } from '../support/call.ts';
import { createCleanup } from '../support/cleanup.ts';
import { runCnitool, succeeded } from '../support/cnitool.ts';
import { scratchDirectory } from '../support/ground.ts';
import { provideLibcni, say } from '../support/libcni.ts';
import { hasRoot, scratchNetns } from '../support/scratch.ts';

/** Notes what it is called with, and answers ADD with an address that names its type. */
const plugin = `#!/bin/sh
stdin=$(cat)
printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_IFNAME" "$CNI_NETNS" "$stdin" >> "$(dirname "$0")/calls"
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"1.1.0","ips":[{"address":"10.1.0.2/16"}]}'
`;
const conflist = {
  cniVersion: '1.1.0',
  name: 'net',
  plugins: [
    { type: 'first', mtu: 1400 },
    { type: 'second', capabilities: { 'io.kubernetes.cri.pod-annotations': true } },
  ],
};
const verbs = ['add', 'check', 'del', 'status'] as const;

interface Call {
  readonly about: readonly string[];
  readonly config: unknown;
}

describe('sluice cni, compared with cnitool', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const cleanup = createCleanup();
  const [node, pod] = [scratchNetns(), scratchNetns()];
  let directory: string;
  let cnitool: string;

  before(async function () {
    this.timeout(600_000);
    const libcni = await provideLibcni();
    if ('missing' in libcni) {
      say(`skipped: ${libcni.missing}`);
      this.skip();
    }
    cnitool = join(libcni.directory, 'cnitool');
    directory = await scratchDirectory(cleanup);
    for (const name of ['net.d', 'lib', 'bin', 'ours']) await mkdir(join(directory, name));
    for (const bin of ['bin', 'ours']) {
      for (const type of ['first', 'second']) {
        await writeFile(join(directory, bin, type), plugin, { mode: 0o755 });
      }
    }
    await writeFile(join(directory, 'net.d/10-net.conflist'), JSON.stringify(conflist));
  });
  after(() => cleanup.run());

  const calls = async (bin: string): Promise<Call[]> => {
    const lines = (await readFile(join(directory, bin, 'calls'), 'utf8')).trim().split('\n');
    return lines.map((line) => {
      const [stdin = '', ...about] = line.split('\t').reverse();
      return { about: about.reverse(), config: JSON.parse(stdin) as unknown };
    });
  };

  it('calls each plugin with the same, verb by verb', async () => {
    for (const verb of verbs) {
      const options = { path: [], cnitool, node, network: 'net', directory };
      const capabilities = { 'io.kubernetes.cri.pod-annotations': injected };
      succeeded(await runCnitool(options, { verb, pod, capabilities }));
    }
    const theirs = await calls('bin');
    const [, containerId = ''] = theirs[0]?.about ?? [];

    const file = join(directory, 'net.d/10-net.conflist');
    const common = ['--chain', file, '--bin-dir', join(directory, 'ours')];
    const annotations = Object.entries(injected).flatMap(([key, value]) => [
      '--annotation',
      `${key}=${value}`,
    ]);
    const about = ['--netns', pod.path, '--container-id', containerId, ...annotations];
    const previous = join(directory, 'previous.json');
    for (const verb of verbs) {
      const isAfter = verb === 'check' || verb === 'del';
      const args = [
        ...(verb === 'status' ? [] : about),
        ...(isAfter ? ['--previous', previous] : []),
      ];
      const { exitCode, value, text } = await invoke(command, [verb, ...common, ...args]);
      assert.equal(exitCode, 0, text);
      if (verb === 'add') await writeFile(previous, JSON.stringify(value));
    }
    assert.deepEqual(await calls('ours'), theirs);
  });
});
