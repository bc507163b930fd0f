import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { chain } from '../../install/conflist.ts';
import { createInstallation, type Installation } from '../../install/install.ts';
import { wantedEntry } from '../../install/observe.ts';
import { type Taken } from '../../install/state.ts';
import { LONGEST_ADD_MS } from '../../install/toolbox.ts';
import { hasRoot } from '../support/scratch.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';

const primary = '10-calico.conflist';
const before = fixture('calico.conflist');

describe('createInstallation()', () => {
  const node = ground();
  let taken: Taken[] = [];
  let installation: Installation;
  let trial: () => Promise<void> = async () => undefined;
  beforeEach(() => {
    taken = [];
    trial = async () => undefined;
    installation = createInstallation(node.config(), {
      holder: 'agent-1',
      trial: () => trial(),
      onStep: (step) => taken.push(step),
    });
  });
  const after = (): string => chain(before, wantedEntry(node.config()));
  const steps = (): string[] =>
    taken.map(({ do: verb, cause, outcome }) => [verb, cause, outcome].join(' '));

  it('is not complete before it has looked', () => {
    assert.ok(!installation.isComplete());
    assert.ok(installation.state().reason);
  });

  it('removes the tools of an older version when no ADD can use them any more', async () => {
    node.write(primary, before);
    const old = join(node.config().binDir, '.sluice/0.0.0');
    mkdirSync(join(old, 'bin'), { recursive: true });
    let clock = 0;
    const { look } = createInstallation(node.config(), {
      ...{ holder: 'agent-1', trial: async () => undefined, now: () => clock },
    });
    for (const passed of [0, LONGEST_ADD_MS - 1, 1]) {
      assert.ok(existsSync(old));
      clock += passed;
      await look();
    }
    assert.ok(!existsSync(old));
  });

  it('installs, and writes nothing the second time', async () => {
    node.write(primary, before, 0o640);
    assert.deepEqual(await installation.look(), {
      isComplete: true,
      reason: undefined,
      conflicts: [],
    });
    assert.deepEqual(steps(), ['install executable-missing done', 'write entry-missing done']);
    const all = node.all();
    assert.equal(all[`net.d/${primary}`], `640 ${after()}`);
    assert.equal(all['bin/sluice-cni'], '755 version 2');
    const { ino } = lstatSync(join(node.config().netDir, primary));
    await installation.look();
    assert.equal(lstatSync(join(node.config().netDir, primary)).ino, ino);
    assert.equal(taken.length, 2);
  });

  it('waits for the primary, and says so', async () => {
    const { isComplete, reason } = await installation.look();
    assert.deepEqual(
      [isComplete, reason],
      [false, 'there is no network configuration yet: install the main CNI'],
    );
    node.write(primary, before);
    assert.ok((await installation.look()).isComplete);
  });

  it('puts a new executable in the place of the old one', async () => {
    node.write(primary, before);
    await installation.look();
    const { binDir, source } = node.config();
    // Of another size: the times of a file are no finer than the kernel's clock, which may have stood still.
    writeFileSync(source, 'version 10');
    await installation.look();
    assert.equal(node.all()['bin/sluice-cni'], '755 version 10');
    chmodSync(join(binDir, 'sluice-cni'), 0o644);
    await installation.look();
    assert.equal(node.all()['bin/sluice-cni'], '755 version 10');
    rmSync(join(binDir, 'sluice-cni'));
    assert.ok((await installation.look()).isComplete);
  });

  it('keeps the old executable, and the entry, if the trial of the new one fails', async () => {
    node.write(primary, before);
    await installation.look();
    writeFileSync(node.config().source, 'version 10');
    trial = () => Promise.reject(new Error('ADD fails'));
    node.write(primary, before);
    const { isComplete, reason } = await installation.look();
    assert.deepEqual([isComplete, reason], [false, 'ADD fails']);
    assert.equal(node.all()['bin/sluice-cni'], '755 version 2');
    assert.equal(node.read(primary), after());
    assert.deepEqual(
      Object.keys(node.all()).filter((path) => path.endsWith('.tmp')),
      [],
    );
  });

  it('names no executable that is not there', async () => {
    node.write(primary, before);
    trial = () => Promise.reject(new Error('VERSION fails'));
    assert.ok(!(await installation.look()).isComplete);
    assert.equal(node.read(primary), before);
  });

  it("keeps the primary's owner", async function () {
    if (!hasRoot()) this.skip();
    node.write(primary, before);
    chownSync(join(node.config().netDir, primary), 65_534, 65_533);
    assert.ok((await installation.look()).isComplete);
    const { uid, gid } = lstatSync(join(node.config().netDir, primary));
    assert.deepEqual([node.read(primary), uid, gid], [after(), 65_534, 65_533]);
  });

  it('leaves a link a link', async () => {
    const { netDir } = node.config();
    node.write('real.txt', before);
    symlinkSync('real.txt', join(netDir, primary));
    assert.ok((await installation.look()).isComplete);
    assert.ok(lstatSync(join(netDir, primary)).isSymbolicLink());
    assert.equal(node.read('real.txt'), after());
  });

  it('says that the primary is a link to nothing', async () => {
    symlinkSync('nowhere', join(node.config().netDir, primary));
    assert.match((await installation.look()).reason ?? '', /is a link to nothing here/);
  });

  it('says that the directory cannot be read', async () => {
    const { netDir } = node.config();
    renameSync(netDir, `${netDir}.old`);
    writeFileSync(netDir, '');
    assert.match((await installation.look()).reason ?? '', /cannot list .*not a directory/);
  });
});
