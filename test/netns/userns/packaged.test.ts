import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { heldRules } from '../../support/held.ts';
import { errorResult, executable, runPlugin } from '../../support/plugin.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { scratchOwnedNetns } from '../../support/userns.ts';

describe('the packaged plugin and a pod with hostUsers: false', () => {
  const { add } = site();
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    describe(backend, () => {
      const [owned, ours] = [scratchOwnedNetns(), scratchNetns()];
      const config = { backend };
      const call = async (command: string) => {
        const request = { containerId: `owned-${backend}`, command, config };
        const { exitCode, stdout, stderr } = await runPlugin(add(owned.path, request));
        assert.equal(exitCode, 0, `${stdout}${stderr}`);
      };

      it('redirects it as any other pod, and leaves no file behind', async () => {
        const files = readdirSync(dirname(executable));
        await call('ADD');
        const other = await runPlugin(add(ours.path, { containerId: `ours-${backend}`, config }));
        assert.equal(other.exitCode, 0);
        const held = await heldRules(owned, backend);
        assert.ok(held.some((line) => line.includes('--uid-owner 1337')));
        assert.deepEqual(held, await heldRules(ours, backend));
        assert.deepEqual(readdirSync(dirname(executable)), files);
      });

      for (const command of ['CHECK', 'ADD', 'DEL']) {
        it(`is content with it afterwards: ${command}`, async () => {
          const held = await heldRules(owned, backend);
          await call(command);
          assert.deepEqual(await heldRules(owned, backend), held);
        });
      }
    });
  }

  describe('on a hardened node', () => {
    const netns = scratchOwnedNetns();
    const noexec = (directory: string): string[] => [
      `mount --rbind ${directory} ${directory}`,
      `mount -o remount,bind,noexec ${directory}`,
    ];
    const readOnly = [
      `mount --bind ${dirname(executable)} ${dirname(executable)}`,
      `mount -o remount,bind,ro ${dirname(executable)}`,
    ];
    const addWhere = (lines: readonly string[]) => {
      const script = [...lines, 'exec "$@"'].join('\n');
      const through = ['unshare', '--mount', '--', 'sh', '-ec', script, 'sh'];
      return runPlugin(add(netns.path), { through });
    };

    it('says what it lacks when no place lets it load a library', async () => {
      const nowhere = ['/run', '/dev/shm', '/tmp'].flatMap(noexec);
      const { code, details } = errorResult(await addWhere([...readOnly, ...nowhere]));
      assert.equal(code, 101);
      assert.match(details, /Invalid argument.*cannot enter the user namespace of the pod/);
      assert.match(details, /cannot load koffi from any of .*: EROFS: .*failed to map segment/);
      assert.deepEqual(await heldRules(netns, 'iptables-nft'), []);
    });

    it('does with one place of several', async () => {
      const { exitCode, stdout } = await addWhere([...readOnly, ...noexec('/run')]);
      assert.equal(exitCode, 0, stdout);
    });
  });
});
