import assert from 'node:assert/strict';
import { CNI_VERSIONS } from '../../cni/spec/version.ts';
import { invocation } from '../support/call.ts';
import { errorResult, runPlugin } from '../support/plugin.ts';

const podAnnotations = { 'kubernetes.io/config.source': 'api' };
const stateDir = '/proc/nonexistent/sluice';
const ips = [{ interface: 0, address: '10.1.0.2/16', gateway: '10.1.0.1' }];
const versionedIps = ips.map((ip) => ({ version: '4', ...ip }));
const old = { ip4: { ip: '10.1.0.2/16', gateway: '10.1.0.1' }, dns: {} };

/** One and the same result as each version writes it. */
const bodies: Record<(typeof CNI_VERSIONS)[number], object> = {
  '0.1.0': old,
  '0.2.0': old,
  '0.3.0': { ips: versionedIps, dns: {} },
  '0.3.1': { ips: versionedIps, dns: {} },
  '0.4.0': { ips: versionedIps, dns: {} },
  '1.0.0': { ips },
  '1.1.0': { ips },
};
const since = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' } as const;

describe('a version of the specification', () => {
  for (const cniVersion of CNI_VERSIONS) {
    const result = { cniVersion, ...bodies[cniVersion] };
    const ask = (command: string, config: object = {}) =>
      runPlugin(
        invocation({ command, podAnnotations, config: { cniVersion, stateDir, ...config } }),
      );

    it(`${cniVersion} has its result handed on by a chained ADD`, async () => {
      const { stdout } = await ask('ADD', { prevResult: result });
      assert.deepEqual(JSON.parse(stdout), result);
    });

    it(`${cniVersion} has an empty result of its own form from a standalone ADD`, async () => {
      const { stdout } = await ask('ADD', { prevResult: undefined });
      const dns = 'ips' in result && !('dns' in result) ? {} : { dns: {} };
      assert.deepEqual(JSON.parse(stdout), { cniVersion, ...dns });
    });

    it(`${cniVersion} gets what a newer plugin left in its own form`, async () => {
      const { stdout } = await ask('ADD', { prevResult: { cniVersion: '1.1.0', ips } });
      const wanted = cniVersion < '0.3.0' ? { cniVersion, ...old } : result;
      assert.deepEqual(JSON.parse(stdout), wanted);
    });

    for (const [command, first] of Object.entries(since)) {
      const isServed = CNI_VERSIONS.indexOf(cniVersion) >= CNI_VERSIONS.indexOf(first);
      it(`${cniVersion} ${isServed ? 'has' : 'does not have'} ${command}`, async () => {
        const outcome = await ask(command, { prevResult: result });
        // CHECK looks for a netns that is not there, and lets an un-meshed pod pass.
        if (isServed) assert.deepEqual([outcome.exitCode, outcome.stdout], [0, '']);
        else assert.equal(errorResult(outcome).code, 1);
      });
    }

    it(`${cniVersion} has DEL, with a prevResult and without`, async () => {
      for (const prevResult of [result, undefined]) {
        const { exitCode, stdout } = await ask('DEL', { prevResult });
        assert.deepEqual([exitCode, stdout], [0, '']);
      }
    });

    it(`${cniVersion} is the version of an error too`, async () => {
      const outcome = await ask('ADD', { prevResult: 'none' });
      assert.equal(errorResult(outcome).cniVersion, cniVersion);
    });

    it(`${cniVersion} is echoed by VERSION`, async () => {
      // Over a pipe, as a runtime does, and all of it at once: VERSION does not wait long for what may never come.
      const through = ['sh', '-c', 'stdin=$(cat); exec "$@" <<END\n$stdin\nEND', 'sh'];
      const request = invocation({ command: 'VERSION', config: { cniVersion } });
      const { stdout } = await runPlugin(request, { through });
      assert.deepEqual(JSON.parse(stdout), { cniVersion, supportedVersions: CNI_VERSIONS });
    });
  }

  it('that is not said is 0.1.0', async () => {
    const config = { cniVersion: undefined, prevResult: undefined };
    const { stdout } = await runPlugin(invocation({ podAnnotations, config }));
    assert.deepEqual(JSON.parse(stdout), { cniVersion: '0.1.0', dns: {} });
  });
});
