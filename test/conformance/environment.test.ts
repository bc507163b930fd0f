import assert from 'node:assert/strict';
import { invocation } from '../support/call.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';

const attachment = ['CNI_CONTAINERID', 'CNI_IFNAME'];
const required: Record<string, readonly string[]> = {
  ADD: [...attachment, 'CNI_NETNS'],
  CHECK: [...attachment, 'CNI_NETNS'],
  DEL: attachment,
};
const podAnnotations = { 'kubernetes.io/config.source': 'api' };
const stateDir = '/proc/nonexistent/sluice';

/** A request whose environment is wrong, and of an un-meshed pod should that go unnoticed. */
function request(command: string, env: Readonly<Record<string, string>>) {
  const config = { cniVersion: '1.1.0', stateDir };
  return invocation({ command, podAnnotations, config, env });
}

describe('the environment', () => {
  for (const [command, names] of Object.entries(required)) {
    it(`names every variable that ${command} misses, in one error`, async () => {
      const env = Object.fromEntries(names.map((name) => [name, '']));
      const { code, msg } = errorResult(await runPlugin(request(command, env)));
      assert.equal(code, 4);
      for (const name of names) assert.ok(msg.includes(name), msg);
    });

    for (const name of names) {
      it(`names ${name} alone where ${command} misses only that`, async () => {
        const { code, msg } = errorResult(await runPlugin(request(command, { [name]: '' })));
        assert.deepEqual([code, msg.match(/CNI_[A-Z]+/g)], [4, [name]]);
      });
    }
  }

  for (const command of ['STATUS', 'GC', 'VERSION']) {
    it(`needs nothing but CNI_COMMAND for ${command}`, async () => {
      const { stdin } = request(command, {});
      const { exitCode, stdout } = await runPlugin({ env: { CNI_COMMAND: command }, stdin });
      assert.equal(exitCode, 0, stdout);
    });
  }

  const wrong: Record<string, Readonly<Record<string, string>>> = {
    'an unknown command': { CNI_COMMAND: 'UPDATE' },
    'no command beside others': { CNI_COMMAND: '' },
    'a container ID that is a path': { CNI_CONTAINERID: '../../etc/passwd' },
    'an interface that is a path': { CNI_IFNAME: '../eth0' },
    'an interface of 16 letters': { CNI_IFNAME: 'a234567890123456' },
    'arguments that are no pairs': { CNI_ARGS: 'K8S_POD_NAME' },
  };
  for (const [name, env] of Object.entries(wrong)) {
    it(`is refused with ${name}`, async () => {
      assert.equal(errorResult(await runPlugin(request('ADD', env))).code, 4);
    });
  }

  it('may hold what the runtime traces, and unknown arguments', async () => {
    const env = { TRACEPARENT: '00-1-2-01', CNI_ARGS: 'Unknown=1;K8S_POD_INFRA_CONTAINER_ID=a=b' };
    const { exitCode, stdout } = await runPlugin(request('ADD', env));
    assert.equal(exitCode, 0, stdout);
  });

  it('of no runtime is answered with what this is, on stderr', async () => {
    const { exitCode, stdout, stderr } = await runPlugin({ env: {}, stdin: '' });
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.match(stderr, /^sluice-cni .*\nCNI versions: 0\.1\.0, .*1\.1\.0\n/);
  });
});
