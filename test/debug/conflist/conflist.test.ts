import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../../../debug/conflist/conflist.ts';
import { ownEntry } from '../../../install/entry.ts';
import { createInstallation } from '../../../install/install.ts';
import { type Mode } from '../../../install/observed.ts';
import { fixture, fixtures } from '../../install/fixtures.ts';
import { ground } from '../../install/ground.ts';
import { invoke, type Told } from '../invoke.ts';

interface Value {
  readonly loaded?: {
    readonly file: string;
    readonly plugins: readonly unknown[];
    readonly position: number;
  };
  readonly findings: readonly { readonly id: string; readonly severity: string }[];
}

function ids({ value }: Told): string[] {
  return (value as Value).findings.map(({ id }) => id);
}

function loaded({ value }: Told): Value['loaded'] {
  return (value as Value).loaded;
}

function list(name: string, ...plugins: readonly object[]): string {
  return JSON.stringify({ cniVersion: '1.0.0', name, plugins }, undefined, 2);
}

for (const mode of ['chained', 'own', 'drop-in'] as const satisfies readonly Mode[]) {
  describe(`conflist after an installation in mode ${mode}`, () => {
    const node = ground({ mode });
    const names = [...fixtures('conflist'), ...(mode === 'drop-in' ? [] : fixtures('conf'))];
    for (const name of names) {
      it(`finds our entry last in what was made of ${name}`, async () => {
        const { netDir, binDir } = node.config();
        node.write(`10-${name}`, fixture(name));
        const { look } = createInstallation(node.config(), {
          holder: 'a',
          trial: async () => undefined,
        });
        assert.equal((await look()).reason, undefined);
        const before = node.all();
        const told = await invoke(command, [], { place: { netDir, binDir } });
        const { position, plugins } = loaded(told) ?? { position: 0, plugins: [] };
        assert.equal(position, plugins.length, told.text);
        const missing = ids(told).filter((id) => !['executable-missing', 'delegates'].includes(id));
        assert.deepEqual(missing, []);
        assert.deepEqual(node.all(), before);
      });
    }
  });
}

describe('conflist', () => {
  const node = ground();
  const bridge = { type: 'bridge' };
  const own = ownEntry();
  beforeEach(() => {
    const { binDir } = node.config();
    for (const type of ['bridge', 'sluice-cni', 'istio-cni', 'tuning'])
      writeFileSync(join(binDir, type), '');
  });
  const conflist = (): Promise<Told> => {
    const { netDir, binDir } = node.config();
    return invoke(command, [], { place: { netDir, binDir } });
  };

  const cases: Readonly<
    Record<string, readonly [files: Readonly<Record<string, string>>, found: readonly string[]]>
  > = {
    'nothing wrong': [{ '10-a.conflist': list('a', bridge, own) }, []],
    'an empty directory': [{}, ['no-configuration']],
    'a torn first file': [
      { '10-a.conflist': '{"name": "a', '20-b.conflist': list('b', bridge) },
      ['first-broken'],
    ],
    'an empty first file of ours': [
      { '0-sluice.conflist': '', '10-a.conflist': list('a', bridge, own) },
      ['first-broken', 'entry-elsewhere'],
    ],
    'a torn later file': [
      { '10-a.conflist': list('a', bridge, own), '20-b.conf': '{' },
      ['later-broken'],
    ],
    'no entry': [{ '10-a.conflist': list('a', bridge) }, ['entry-missing']],
    'an entry in a file that is not loaded': [
      { '10-a.conflist': list('a', bridge), '20-b.conflist': list('b', bridge, own) },
      ['entry-missing', 'entry-elsewhere'],
    ],
    'a plugin behind ours': [
      { '10-a.conflist': list('a', bridge, own, { type: 'tuning' }) },
      ['entry-not-last'],
    ],
    'two entries': [{ '10-a.conflist': list('a', bridge, own, own) }, ['entry-twice']],
    'a missing executable': [
      { '10-a.conflist': list('a', { type: 'calico' }, own) },
      ['executable-missing'],
    ],
    'a wrong key': [
      { '10-a.conflist': list('a', bridge, { ...own, deadlineMs: 'soon' }) },
      ['entry-wrong'],
    ],
    'an unknown key': [
      { '10-a.conflist': list('a', bridge, { ...own, loglevel: 'info' }) },
      ['key-unknown'],
    ],
    'no capability': [
      { '10-a.conflist': list('a', bridge, { type: 'sluice-cni' }) },
      ['capability-missing'],
    ],
    'a missing kubeconfig': [
      {
        '10-a.conflist': list('a', bridge, { ...own, apiFallback: { kubeconfig: '/nonexistent' } }),
      },
      ['kubeconfig-missing'],
    ],
    'another mesh': [
      { '10-a.conflist': list('a', bridge, { type: 'istio-cni' }, own) },
      ['other-mesh'],
    ],
    'an old .conf of the same network': [
      { '10-a.conf': '{"name":"a","type":"bridge"}', '10-a.conflist': list('a', bridge, own) },
      ['entry-missing', 'entry-elsewhere', 'same-network'],
    ],
    'copies that were left': [
      {
        '10-a.conflist': list('a', bridge, own),
        '10-a.conflist.bak': '',
        '05-c.conflist.cilium_bak': '',
      },
      ['renamed-by-owner', 'leftover'],
    ],
  };
  for (const [name, [files, found]] of Object.entries(cases)) {
    it(`tells of ${name}`, async () => {
      for (const [file, text] of Object.entries(files)) node.write(file, text);
      const told = await conflist();
      assert.deepEqual(ids(told), found, told.text);
      const isBad = (told.value as Value).findings.some(({ severity }) => severity === 'problem');
      assert.equal(told.exitCode, isBad ? 1 : 0);
    });
  }

  it('tells of a file that others may write', async () => {
    node.write('10-a.conflist', list('a', bridge, own), 0o666);
    assert.deepEqual(ids(await conflist()), ['writable-by-others']);
  });

  it('tells of executables that it cannot see', async () => {
    node.write('10-a.conflist', list('a', bridge, own));
    rmSync(node.config().binDir, { recursive: true });
    const told = await conflist();
    assert.deepEqual([ids(told), told.exitCode], [['bin-dir-missing'], 0]);
  });

  it('shows which one is loaded, and why', async () => {
    node.write('10-a.conflist', list('a', bridge, own));
    node.write('20-b.conflist', list('b', bridge));
    const { text } = await conflist();
    assert.match(
      text,
      /^\* +10-a.conflist .* a: bridge → sluice-cni\n +20-b.conflist .* b: bridge$/m,
    );
    assert.match(
      text,
      /^The runtime loads 10-a.conflist: its name sorts first of 2. Our entry: plugin 2 of 2.$/m,
    );
  });

  it('could not tell without the directory', async () => {
    rmSync(node.config().netDir, { recursive: true });
    await assert.rejects(conflist(), { exitCode: 3 });
  });
});
