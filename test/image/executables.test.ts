import assert from 'node:assert/strict';
import { openSync, readSync, closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const dist = join(import.meta.dirname, '../../dist');
/** e_machine of the ELF header. */
const machines = { x64: 62, arm64: 183 };
const [own, other] =
  process.arch === 'arm64' ? (['arm64', 'x64'] as const) : (['x64', 'arm64'] as const);

describe('packaged executables', () => {
  it(`are made for this machine: ${own}`, () => {
    assert.equal(machine(join(dist, 'sluice-cni')), machines[own]);
  });

  it(`are made for ${other} as well`, function () {
    const executable = join(dist, `sluice-cni-${other}`);
    if (!existsSync(executable)) this.skip(); // built only where its Node.js can be had
    assert.equal(machine(executable), machines[other]);
  });

  it('say what they are when started by hand', async () => {
    const { stdout, stderr } = await execa(join(dist, 'sluice-cni'), {
      extendEnv: false,
      input: '',
    });
    assert.equal(stdout, '');
    assert.match(stderr, /sluice-cni/);
    assert.match(stderr, /0\.1\.0.*1\.1\.0/s);
  });

  it('print nothing if they hold nothing', async () => {
    const { stdout, stderr } = await execa(join(dist, 'empty'), { extendEnv: false, input: '' });
    assert.deepEqual({ stdout, stderr }, { stdout: '', stderr: '' });
  });
});

function machine(file: string): number {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, header);
  closeSync(descriptor);
  assert.equal(header.toString('latin1', 0, 4), '\x7fELF');
  return header.readUInt16LE(18);
}
