import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { command } from '../../../debug/cni/cni.ts';
import { holdings, ours } from '../../support/holdings.ts';
import { executable } from '../../support/plugin.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { invoke, type Told } from '../invoke.ts';

interface Value {
  readonly plugins: readonly {
    readonly type: string;
    readonly outcome: string;
    readonly result?: object;
  }[];
  readonly result?: { readonly ips?: readonly unknown[] };
}

const ips = '"ips":[{"address":"10.1.0.2/16"}]';
/** Notes what it was told, and answers an ADD with an address. */
const ipam = `#!/bin/sh
stdin=$(cat)
printf '%s %s %s\\n' "$CNI_COMMAND" "$CNI_CONTAINERID" "$stdin" >> "$(dirname "$0")/calls"
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"1.0.0",${ips}}'
`;

describe('cni', function () {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  const node = site();
  const netns = scratchNetns();
  const cni = (verb: string, ...args: string[]): Promise<Told> => {
    const keys = { stateDir: node.stateDir(), agentSocket: join(node.directory(), 'agent.sock') };
    const set = Object.entries(keys).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const isAbout = ['add', 'check', 'del'].includes(verb);
    const about = isAbout ? ['--netns', netns.path, '--container-id', 'container-1'] : [];
    return invoke(command, [verb, ...about, ...set, ...args], {
      place: { binDir: dirname(executable) },
    });
  };
  const web = [
    '--pod',
    'default/web-0',
    '--uid',
    'uid-1',
    '--annotation',
    'sidecar.istio.io/status={}',
  ];
  const outcomes = ({ value }: Told): string[] =>
    (value as Value).plugins.map(({ type, outcome }) => `${type} ${outcome}`);

  it('lets our plugin redirect the netns that is named', async () => {
    const told = await cni('add', ...web);
    assert.equal(told.exitCode, 0, told.text);
    assert.match(
      told.text,
      /^ok +ADD +sluice-cni +\d+ ms\nsluice-cni: redirected .*\n\{\n {2}"cniVersion": "1.1.0"\n\}\n$/s,
    );
    assert.equal(node.record()?.outcome, 'redirected');
    assert.notDeepEqual(ours(await holdings(netns)), []);
  });

  it('checks it', async () => {
    assert.equal((await cni('check', ...web)).exitCode, 0);
  });

  it('tells an error of the plugin readably', async () => {
    const told = await cni('add', ...web, '--set', 'deadlineMs=soon');
    assert.equal(told.exitCode, 1);
    assert.match(told.text, /^failed +ADD +sluice-cni +\d+ ms +code 7: .*deadlineMs is "soon"/);
    assert.equal(told.text.split('\n').length, 2, 'once');
  });

  it('takes the record away', async () => {
    assert.equal((await cni('del', ...web)).exitCode, 0);
    assert.equal(node.record(), undefined);
  });

  it('asks for status and versions', async () => {
    assert.equal((await cni('status')).exitCode, 0);
    const { text, exitCode } = await cni('version');
    assert.equal(exitCode, 0);
    assert.match(text, /^ok +VERSION +sluice-cni +\d+ ms +0\.1\.0, .*1\.1\.0$/m);
  });

  it('collects garbage only when told what to keep', async () => {
    await cni('add', ...web);
    await assert.rejects(cni('gc'), { exitCode: 2 });
    await cni('gc', '--valid', 'container-1:eth0');
    assert.equal(node.record()?.outcome, 'redirected');
    await cni('gc', '--valid-none');
    assert.equal(node.record(), undefined);
  });

  it('calls the plugins of a chain one after the other, and backwards', async () => {
    const directory = node.directory();
    writeFileSync(join(directory, 'ipam'), ipam, { mode: 0o755 });
    const own = { type: 'sluice-cni', capabilities: { 'io.kubernetes.cri.pod-annotations': true } };
    const file = join(directory, '10-net.conflist');
    writeFileSync(
      file,
      JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'ipam' }, own] }),
    );
    const chain = ['--chain', file, '--bin-dir', directory, '--bin-dir', dirname(executable)];

    const added = await cni('add', ...web, ...chain);
    assert.deepEqual(outcomes(added), ['ipam succeeded', 'sluice-cni succeeded'], added.text);
    assert.deepEqual((added.value as Value).result?.ips, [{ address: '10.1.0.2/16' }]);

    const previous = join(directory, 'previous.json');
    writeFileSync(previous, JSON.stringify(added.value));
    const deleted = await cni('del', ...web, ...chain, '--previous', previous);
    assert.deepEqual(outcomes(deleted), ['sluice-cni succeeded', 'ipam succeeded']);
    const calls = readFileSync(join(directory, 'calls'), 'utf8').split('\n');
    assert.equal(calls[0], 'ADD container-1 {"type":"ipam","name":"net","cniVersion":"1.0.0"}');
    assert.match(calls[1] ?? '', /^DEL container-1 .*"prevResult":\{.*10\.1\.0\.2/);
  });

  it('gives CHECK and DEL what libcni remembers', async () => {
    const directory = node.directory();
    mkdirSync(join(directory, 'results'));
    writeFileSync(
      join(directory, 'results/net-container-1-eth0'),
      `{"kind":"cniCacheV1","result":{"cniVersion":"1.0.0",${ips}}}`,
    );
    writeFileSync(join(directory, 'ipam'), ipam, { mode: 0o755 });
    const file = join(directory, '20-net.conflist');
    writeFileSync(
      file,
      JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'ipam' }] }),
    );
    await cni('check', '--chain', file, '--bin-dir', directory, '--cache', directory);
    assert.match(
      readFileSync(join(directory, 'calls'), 'utf8'),
      /^CHECK .*"prevResult":\{.*10\.1\.0\.2/m,
    );
  });

  it('could not tell what a plugin that is missing would say', async () => {
    const file = join(node.directory(), '30-net.conflist');
    writeFileSync(
      file,
      JSON.stringify({ cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'bridge' }] }),
    );
    const { exitCode, text } = await cni('add', '--chain', file);
    assert.equal(exitCode, 3);
    assert.match(text, /^unclear +ADD +bridge .*cannot find plugin "bridge" in /);
  });

  for (const args of [
    [],
    ['up'],
    ['add'],
    ['add', '--netns', '/x', '--annotation', 'y'],
    ['gc', '--valid', 'x'],
  ]) {
    it(`refuses cni ${args.join(' ')}`, async () => {
      await assert.rejects(invoke(command, args), { exitCode: 2 });
    });
  }
});
