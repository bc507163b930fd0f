import assert from 'node:assert/strict';
import { join } from 'node:path';
import { execa } from 'execa';

const main = join(import.meta.dirname, '../../../debug/main.ts');
const nowhere = Object.fromEntries(
  ['STATE_DIR', 'CNI_NET_DIR', 'CNI_BIN_DIR', 'AGENT_SOCKET'].map((name) => [
    `SLUICE_${name}`,
    '/nonexistent',
  ]),
);

describe('bugreport --file -', () => {
  it('writes the archive to stdout, and nothing else', async () => {
    const args = ['--no-warnings', main, 'bugreport', '--file', '-', '--since', '1m'];
    const options = { env: nowhere, encoding: 'buffer', cwd: '/' } as const;
    const { stdout } = await execa(process.execPath, args, options);
    const listed = await execa('tar', ['--list', '--gzip', '--file', '-'], { input: stdout });
    assert.match(listed.stdout, /^sluice-[^\n]*\/manifest.json\n[^\n]*\/versions.json$/m);
    assert.equal(listed.stderr, '');
  });
});
