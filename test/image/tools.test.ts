import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { execInNetns, type Kernel } from '../../cni/kernel/kernel.ts';
import { closeNetns, openNetns } from '../../cni/kernel/netns.ts';
import { placeOf } from '../../cni/kernel/place.ts';
import { findTools, needProgram } from '../../cni/kernel/tools.ts';
import { LINKS, toolbox as contents } from '../../image/contents.ts';
import { hasToolbox, toolbox } from '../support/bareroot.ts';
import { hasRoot, scratchNetns } from '../support/scratch.ts';

const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const parts = contents(arch);
const listed = parts.flatMap(({ files }) => files);

describe('the list of what is in the tool box', () => {
  it('names each package once, with files and a reason', () => {
    const names = parts.map((part) => part.package);
    assert.deepEqual([...new Set(names)], names);
    for (const { files, why } of parts) assert.ok(files.length > 0 && why !== '');
  });
});

describe('the tool box', () => {
  before(function () {
    if (!hasToolbox()) this.skip();
  });
  const entries = () =>
    readdirSync(toolbox, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !lstatSync(join(toolbox, name)).isDirectory(),
    );

  it('holds exactly the list', () => {
    const found = entries().map((name) =>
      name.startsWith('lib/xtables/') ? 'lib/xtables/' : name,
    );
    assert.deepEqual([...new Set(found)].sort(), [...listed, ...Object.keys(LINKS)].sort());
  });

  it('may be read and run by every user, and gives nobody a right', () => {
    for (const name of entries()) {
      const stats = lstatSync(join(toolbox, name));
      if (stats.isSymbolicLink()) assert.equal(readlinkSync(join(toolbox, name)), LINKS[name]);
      else assert.match((stats.mode & 0o7777).toString(8), /^(755|644)$/, name);
    }
  });

  it('loads nothing from elsewhere', async () => {
    const { loader } = placeOf(toolbox);
    const [file = '', ...words] = loader;
    const objects = entries().filter((name) => !(name in LINKS) && !name.startsWith('lib/ld-'));
    for (const name of objects) {
      const list = [...words, '--list', join(toolbox, name)];
      const { stdout } = await execa(file, list, { extendEnv: false, env: {} });
      const paths = [...stdout.matchAll(/=> (\S+)/g)].map(([, path = '']) => path);
      for (const path of paths) assert.ok(path.startsWith(toolbox), `${name} loads ${path}`);
    }
  });

  for (const name of [...listed, ...Object.keys(LINKS)].filter((each) => each.startsWith('bin/'))) {
    it(`runs ${name}`, async () => {
      const [file = '', ...words] = needProgram(name.slice('bin/'.length), placeOf(toolbox));
      const args = /(da)?sh$/.test(name) ? ['-c', 'echo 1.0'] : [...commandOf(name), '--version'];
      const { stdout } = await execa(file, [...words, ...args], {
        extendEnv: false,
        env: placeOf(toolbox).env,
        input: '',
      });
      assert.match(stdout, /\d\.\d|iproute2/);
    });
  }
});

/** What is many programs must be told which. */
function commandOf(name: string): string[] {
  return name.endsWith('-multi') ? ['iptables'] : name === 'bin/ip' ? ['-Version'] : [];
}

describe('the tool box and the name service', () => {
  before(function () {
    if (!hasRoot() || !hasToolbox()) this.skip();
  });
  const netns = scratchNetns();

  it('hides nsswitch.conf', async () => {
    const opened = openNetns(netns.path);
    const kernel: Kernel = {
      netns: opened,
      tools: findTools('auto', toolbox),
      hideNameService: true,
      userNamespace: undefined,
      deadlineAt: performance.now() + 20_000,
    };
    const script = 'while read -r line; do echo "$line"; done </etc/nsswitch.conf; echo done';
    const sh = needProgram('sh', kernel.tools.place);
    const { stdout, stderr } = await execInNetns(kernel, [...sh, '-c', script], '');
    closeNetns(opened);
    assert.deepEqual([stdout, stderr], ['done\n', '']);
  });
});
