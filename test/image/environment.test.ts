import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const plugin = join(import.meta.dirname, '../../dist/sluice-cni');
const request = { env: { CNI_COMMAND: 'VERSION' }, input: '{"cniVersion":"1.1.0"}' };

describe('the environment of the packaged plugin', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-environment-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const harmless: Record<string, string> = {
    NODE_OPTIONS: '--no-such-option',
    NODE_EXTRA_CA_CERTS: '/nonexistent/ca.pem',
    NODE_DEBUG: 'fs,net,module',
    NODE_DEBUG_NATIVE: 'SEA',
    NODE_PATH: '/nonexistent',
    NODE_PENDING_DEPRECATION: '1',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_ICU_DATA: '/nonexistent',
    OPENSSL_CONF: '/nonexistent/openssl.cnf',
    LD_LIBRARY_PATH: '/nonexistent',
    HTTPS_PROXY: 'http://192.0.2.1:3128',
    PATH: '/nonexistent',
  };
  for (const [name, value] of Object.entries(harmless)) {
    it(`is not changed by ${name}=${value}`, async () => {
      assert.deepEqual(await run({ [name]: value }), await run({}));
    });
  }

  it('loads no file that NODE_OPTIONS requires', async () => {
    const [required, trace] = [join(folder, 'required.cjs'), join(folder, 'trace')];
    writeFileSync(required, `require('node:fs').writeFileSync('${trace}', '')`);
    assert.deepEqual(await run({ NODE_OPTIONS: `--require=${required}` }), await run({}));
    assert.equal(existsSync(trace), false);
  });

  it('takes no argument for one of Node.js', async () => {
    const { stdout } = await execa(plugin, ['--version'], {
      extendEnv: false,
      reject: false,
      input: '',
    });
    assert.notEqual(stdout, process.version);
  });
});

async function run(env: Record<string, string>) {
  const { stdout, stderr, exitCode } = await execa(plugin, [], {
    ...request,
    env: { ...request.env, ...env },
    extendEnv: false,
    reject: false,
  });
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /"supportedVersions"/);
  return { stdout, stderr };
}
