import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { causes } from '../../cni/spec/error.ts';
import { executablePath } from '../../install/config.ts';
import { ownEntry } from '../../install/entry.ts';
import { createInstallation } from '../../install/install.ts';
import { type Taken } from '../../install/state.ts';
import { tryExecutable } from '../../install/trial.ts';
import { executable } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { fixture } from './fixtures.ts';
import { configIn } from './ground.ts';

/** What a broken executable says to each verb. */
function script(answers: Readonly<Record<string, string>>): string {
  const cases = Object.entries(answers).map(([verb, command]) => `${verb}) ${command};;`);
  return `#!/bin/sh\ncase "$CNI_COMMAND" in\n${cases.join('\n')}\nesac\n`;
}

const version = `echo '{"supportedVersions": ["1.0.0"]}'`;
const broken: Record<string, [program: string, said: RegExp]> = {
  'is cut off': ['\x7fELF\x02\x01\x01', /VERSION fails/],
  'cannot start': ['#!/bin/sh\nexit 127\n', /VERSION fails.*exit code 127/],
  'knows other versions': [script({ VERSION: 'echo "{}"' }), /VERSION fails.*supports 1.0.0/],
  'fails an ADD': [script({ VERSION: version, ADD: 'exit 1' }), /ADD fails.*exit code 1/],
  'says nothing to an ADD': [script({ VERSION: version }), /ADD fails.*JSON/],
  'hangs in an ADD': [script({ VERSION: version, ADD: 'sleep 100' }), /ADD fails.*no end within/],
};

describe('tryExecutable()', function () {
  this.timeout(60_000);
  before(function () {
    if (!hasRoot()) this.skip();
  });
  let stateDir = '';
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'sluice-trial-'));
  });
  afterEach(() => {
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('accepts the packaged executable, and leaves nothing behind', async () => {
    await tryExecutable(executable, ownEntry(), { stateDir });
    assert.deepEqual(readdirSync(stateDir), []);
  });

  it('comes before the packaged executable goes live', async () => {
    const config = { ...configIn(stateDir), source: executable };
    mkdirSync(config.netDir);
    writeFileSync(join(config.netDir, '10-x.conflist'), fixture('calico.conflist'));
    const steps: string[] = [];
    const onStep = ({ cause, outcome }: Taken): unknown => steps.push(`${cause} ${outcome}`);
    const { reason } = await createInstallation(config, { holder: 'agent-1', onStep }).look();
    assert.deepEqual(
      [reason, steps],
      [undefined, ['executable-missing done', 'entry-missing done']],
    );
    assert.ok(readFileSync(executablePath(config)).equals(readFileSync(executable)));
  });

  it('tries with our own settings', async () => {
    const entry = ownEntry({ toolsDir: '/nonexistent' });
    const trial = tryExecutable(executable, entry, { stateDir });
    await assert.rejects(trial, /ADD fails/);
  });

  for (const [name, [program, said]] of Object.entries(broken)) {
    it(`refuses an executable that ${name}, and says why`, async () => {
      const path = join(stateDir, 'program');
      writeFileSync(path, program);
      chmodSync(path, 0o755);
      const hangs = name.startsWith('hangs');
      const trial = tryExecutable(path, ownEntry(), {
        stateDir,
        ...(hangs && { timeoutMs: 5_000 }),
      });
      await assert.rejects(trial, (error: Error) => {
        assert.match([error.message, ...causes(error)].join(': '), said);
        return true;
      });
      assert.deepEqual(readdirSync(stateDir), ['program']);
    });
  }
});
