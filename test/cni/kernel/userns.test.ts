import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { ExecError } from '../../../cni/kernel/exec.ts';
import { type Kernel } from '../../../cni/kernel/kernel.ts';
import { openSession } from '../../../cni/kernel/session.ts';
import { findTools } from '../../../cni/kernel/tools.ts';
import { execInside, openOwner } from '../../../cni/kernel/userns.ts';
import { causes, type CniError, ErrorCode } from '../../../cni/spec/error.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, saved } from '../../support/scratch.ts';
import { inOwner, scratchOwnedNetns } from '../../support/userns.ts';

describe('openOwner()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchOwnedNetns();

  it('opens a user namespace in which no process is', () => {
    const fd = openSync(netns.path, 'r');
    const owner = openOwner(fd);
    closeSync(fd);
    assert.ok(owner);
    assert.notEqual(fstatSync(owner.fd).ino, 0);
    owner.close();
    assert.throws(() => fstatSync(owner.fd), /EBADF/);
  });

  it('lets work in there be done as its root', async () => {
    const script = 'id -u; cat /proc/self/uid_map';
    const seen = await inOwner(netns, ['/bin/sh', '-c', script]);
    assert.deepEqual(seen.trim().split(/\s+/), ['0', '0', '100000', '65536']);
  });

  it('lets the name service be hidden in there', async () => {
    const command = ['/bin/cat', '/etc/nsswitch.conf'];
    assert.equal(await inOwner(netns, command, { hideNameService: true }), '');
    assert.notEqual(readFileSync('/etc/nsswitch.conf', 'utf8'), '');
  });

  it('opens nothing for a netns of ours', () => {
    const fd = openSync('/proc/self/ns/net', 'r');
    assert.equal(openOwner(fd), undefined);
    closeSync(fd);
  });
});

describe('execInside()', () => {
  const program = ['/bin/sh', '-c', 'id -u'];
  const refusal = new ExecError(
    { file: 'iptables-restore', args: [], env: {}, fds: [] },
    'exit code 1',
    { stdout: '', stderr: '' },
  );
  const runIn = async (path: string): Promise<unknown> => {
    const fd = openSync(path, 'r');
    const kernel: Kernel = {
      netns: { path, fd, inode: 0 },
      tools: findTools('auto'),
      hideNameService: false,
      userNamespace: undefined,
      deadlineAt: performance.now() + 20_000,
    };
    try {
      return await execInside(kernel, { program, input: '', refusal });
    } catch (error) {
      return error;
    } finally {
      closeSync(fd);
    }
  };

  it('leaves it at the refusal when the netns is ours', async () => {
    assert.equal(await runIn('/proc/self/ns/net'), refusal);
    assert.deepEqual(causes(refusal), []);
  });

  it('says below the refusal why nobody could be asked', async () => {
    assert.equal(await runIn('/dev/null'), refusal);
    assert.deepEqual(causes(refusal), [
      'cannot enter the user namespace of the pod, if it has one of its own',
      'cannot ask the kernel: ioctl says ENOTTY',
    ]);
  });
});

describe('a user namespace without the user of the sidecar', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    const netns = scratchOwnedNetns({ ids: [0, 100_000, 1000], mapped: 'after' });

    it(`is named as the cause, and nothing is left: ${backend}`, async () => {
      const deadlineAt = performance.now() + 30_000;
      const session = await openSession(netns.path, { backend, toolsDir: undefined, deadlineAt });
      const applying = session.apply(await rulesetsFor({}));
      await assert.rejects(applying, (error: CniError) => {
        assert.equal(error.code, ErrorCode.notApplied);
        assert.match(
          causes(error).join(': '),
          /: the user namespace of the pod has no user 1337 and no group 1337, only users 0-999 and groups 0-999: /,
        );
        return true;
      });
      session.close();
      assert.doesNotMatch(await saved(netns, backend), /ISTIO_|sluice:/);
    });
  }
});
