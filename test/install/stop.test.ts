import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createFiles } from '../../install/files.ts';
import { createInstallation } from '../../install/install.ts';
import { type Taken } from '../../install/state.ts';
import { toolboxPath } from '../../cni/kernel/place.ts';
import { VERSION } from '../../cni/version.ts';
import { until } from '../agent/until.ts';
import { hasRoot } from '../support/scratch.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';
import { hanging, processesIn } from './hanging.ts';

describe('a stop of the installation', () => {
  const node = ground();
  let taken: Taken[] = [];
  beforeEach(() => {
    taken = [];
    node.write('10-calico.conflist', fixture('calico.conflist'));
  });
  const onStep = (step: Taken): unknown => taken.push(step);

  for (const verb of ['VERSION', 'ADD', 'CHECK'] as const) {
    it(`ends the trial of an executable whose ${verb} hangs, and leaves nothing of it`, async function () {
      if (!hasRoot()) this.skip();
      const { command, running } = hanging();
      const { source, binDir } = node.config();
      const told = `${source}.told`;
      // As the plugin does, it starts programs in groups of their own.
      const hangs = `setsid ${command} & setsid sh -c '${command} & wait' & exec ${command}`;
      writeFileSync(source, program({ told, verb, hangs }));
      writeFileSync(join(binDir, 'sluice-cni'), 'version 1', { mode: 0o755 });
      const before = node.all();

      const stop = new AbortController();
      const kept = createInstallation(node.config(), { holder: 'agent-1', onStep }).keep(
        stop.signal,
      );
      await until(() => running() === 3);
      stop.abort();
      await kept;
      await until(() => running() === 0);
      if (verb !== 'VERSION') {
        const netns = Number(readFileSync(told, 'utf8'));
        assert.ok(netns > 0);
        await until(() => processesIn(netns).length === 0);
      }
      const added = Object.keys(node.all()).filter((path) => !(path in before));
      assert.deepEqual(
        added.filter((path) => path !== 'source.told'),
        ['state', 'state/installer.json'],
      );
      assert.equal(node.all()['bin/sluice-cni'], '755 version 1');
      // Nothing has failed, least of all after the time that a trial may take.
      assert.deepEqual(taken, []);
    });
  }

  it('ends the making of a netns that hangs', async function () {
    if (!hasRoot()) this.skip();
    const { command, running } = hanging();
    const box = toolboxPath(node.config().source, VERSION);
    mkdirSync(join(box, 'lib'), { recursive: true });
    mkdirSync(join(box, 'bin'));
    for (const name of ['bin/unshare', 'bin/sh']) writeFileSync(join(box, name), '');
    for (const name of ['bin/unshare', 'bin/sh']) chmodSync(join(box, name), 0o755);
    // Each program of a box is started by its loader.
    writeFileSync(join(box, 'lib/ld-linux.so.2'), `#!/bin/sh\n${command} & wait\n`);
    chmodSync(join(box, 'lib/ld-linux.so.2'), 0o755);

    const stop = new AbortController();
    const kept = createInstallation(node.config(), { holder: 'agent-1', onStep }).keep(stop.signal);
    await until(() => running() === 1);
    stop.abort();
    await kept;
    await until(() => running() === 0);
    assert.deepEqual(taken, []);
    assert.ok(!existsSync(join(node.config().binDir, 'sluice-cni')));
  });

  it('takes no step after the one that it came in', async () => {
    const box = toolboxPath(node.config().source, VERSION);
    mkdirSync(join(box, 'lib'), { recursive: true });
    for (const name of ['a.so', 'b.so', 'ld-linux.so.2']) {
      writeFileSync(join(box, 'lib', name), name);
    }
    /** What is replaced by a run that is stopped when it replaces the nth file. */
    const replacedBefore = async (nth: number): Promise<string[]> => {
      const stop = new AbortController();
      const replaced: string[] = [];
      const files = createFiles((operation, path) => {
        if (operation !== 'rename') return;
        replaced.push(basename(path));
        if (replaced.length === nth) stop.abort();
      });
      const options = { holder: 'agent-1', files, trial: async () => undefined, onStep };
      await createInstallation(node.config(), options).keep(stop.signal);
      return replaced;
    };
    assert.deepEqual(await replacedBefore(2), ['installer.json', 'a.so']);
    assert.deepEqual(await replacedBefore(3), ['installer.json', 'b.so', 'ld-linux.so.2']);
    assert.deepEqual(await replacedBefore(2), ['installer.json', 'sluice-cni']);
    assert.equal(node.read('10-calico.conflist'), fixture('calico.conflist'));
  });
});

/** A plugin as far as a verb, where it hangs. */
function program({ told, verb, hangs }: { told: string; verb: string; hangs: string }): string {
  const answers = {
    VERSION: `echo '{"supportedVersions": ["1.0.0"]}'`,
    ADD: `echo '{"cniVersion": "1.0.0", "ips": []}'`,
    CHECK: ':',
  };
  const cases = Object.entries({ ...answers, [verb]: hangs });
  return [
    '#!/bin/sh',
    `[ -z "$CNI_NETNS" ] || stat --dereference --format=%i "$CNI_NETNS" >'${told}'`,
    'case "$CNI_COMMAND" in',
    ...cases.map(([name, command]) => `${name}) ${command};;`),
    'esac\n',
  ].join('\n');
}
