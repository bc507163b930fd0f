import assert from 'node:assert/strict';
import { invocation } from '../support/call.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';

const podAnnotations = { 'kubernetes.io/config.source': 'api' };
const entry = { cniVersion: '1.1.0', name: 'net', type: 'sluice-cni' };

const wrong: Record<string, { stdin: string; code: number }> = {
  empty: { stdin: '', code: 6 },
  'white space': { stdin: ' \n', code: 6 },
  garbage: { stdin: 'not JSON', code: 6 },
  'cut short': { stdin: '{"cniVersion":"1.1.0","name":"net"', code: 6 },
  'an array': { stdin: '[]', code: 6 },
  null: { stdin: 'null', code: 6 },
  'two documents': { stdin: `${JSON.stringify(entry)}{}`, code: 6 },
  'without a name': { stdin: JSON.stringify({ ...entry, name: undefined }), code: 7 },
  'with a name that is a path': { stdin: JSON.stringify({ ...entry, name: '../net' }), code: 7 },
  'of a version to come': { stdin: JSON.stringify({ ...entry, cniVersion: '2.0.0' }), code: 1 },
  'of a range of versions': { stdin: JSON.stringify({ ...entry, cniVersion: '1.x' }), code: 1 },
};

describe('stdin', () => {
  for (const [name, { stdin, code }] of Object.entries(wrong)) {
    for (const command of ['ADD', 'CHECK', 'GC', 'STATUS']) {
      it(`that is ${name} makes ${command} fail with code ${code}`, async () => {
        const { env } = invocation({ command });
        assert.equal(errorResult(await runPlugin({ env, stdin })).code, code);
      });
    }
  }

  it('of a version to come is answered with both sides', async () => {
    const { env } = invocation();
    const stdin = JSON.stringify({ ...entry, cniVersion: '2.0.0' });
    const { details } = errorResult(await runPlugin({ env, stdin }));
    assert.match(details, /2\.0\.0.*0\.1\.0.*1\.1\.0/);
  });

  it('of 5 MB is read and handed on', async () => {
    const prevResult = { cniVersion: '1.1.0', filler: 'x'.repeat(5_000_000) };
    const config = { cniVersion: '1.1.0', prevResult };
    const { stdout, exitCode } = await runPlugin(invocation({ podAnnotations, config }));
    assert.deepEqual([JSON.parse(stdout), exitCode], [prevResult, 0]);
  });

  it('without an end fails before it fills the memory', async () => {
    const { env } = invocation();
    const through = ['sh', '-c', 'cat /dev/zero | "$@"', 'sh'];
    const { code, msg, details } = errorResult(await runPlugin({ env, stdin: '' }, { through }));
    assert.deepEqual(
      [code, msg, details],
      [5, 'cannot read from stdin', 'expected at most 64 MiB'],
    );
  });

  for (const [command, code] of [
    ['ADD', 6],
    ['DEL', 0],
  ] as const) {
    it(`that is closed ends ${command} with ${code}`, async () => {
      const { env } = invocation({ command });
      const through = ['sh', '-c', 'exec "$@" <&-', 'sh'];
      const ended = await runPlugin({ env, stdin: '' }, { through });
      assert.equal(ended.exitCode === 0 ? 0 : errorResult(ended).code, code);
    });
  }

  it('may spell the keys of the protocol in other letter cases', async () => {
    const stdin = JSON.stringify({ CNIVersion: '1.0.0', Name: 'net', PREVRESULT: { dns: {} } });
    const { env } = invocation({ env: { CNI_ARGS: '' } });
    const { stdout } = await runPlugin({ env, stdin });
    assert.deepEqual(JSON.parse(stdout), { cniVersion: '1.0.0', dns: {} });
  });

  for (const [name, stdin] of Object.entries({ garbage: '{', empty: '' })) {
    it(`is not needed for VERSION: ${name}`, async () => {
      const { stdout, exitCode } = await runPlugin({ env: { CNI_COMMAND: 'VERSION' }, stdin });
      const { cniVersion } = JSON.parse(stdout) as { cniVersion: string };
      assert.deepEqual([cniVersion, exitCode], ['1.1.0', 0]);
    });
  }
});
