import assert from 'node:assert/strict';
import { execa } from 'execa';
import { openSession } from '../../../cni/kernel/session.ts';
import { createCallers } from '../../support/callers.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { rulesetsFor } from '../../support/plans.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { serveHttp } from '../../support/traffic.ts';
import { scratchOwnedNetns } from '../../support/userns.ts';

/** The pod's users as everybody else sees them. */
const host = (uid: number): number => 100_000 + uid;

describe('traffic of a pod with hostUsers: false', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const [pod, peer] = [scratchOwnedNetns(), scratchNetns()];
  const cleanup = createCleanup();
  const callers = createCallers();
  before(async () => {
    const lines = (address: string) => [
      `addr add 192.0.2.${address}/24 dev eth0`,
      `addr add 2001:db8::${address}/64 dev eth0 nodad`,
      'link set eth0 up',
    ];
    await ip(pod.name, [
      `link add eth0 type veth peer name eth0 netns ${peer.name}`,
      ...lines('1'),
    ]);
    await ip(peer.name, lines('2'));
    const session = await openSession(pod.path, {
      backend: 'auto',
      toolsDir: undefined,
      deadlineAt: performance.now() + 30_000,
    });
    await session.apply(await rulesetsFor({}));
    session.close();
    cleanup.add(callers.stop);
    for (const server of [
      await serveHttp({ netns: pod, uid: host(1337) }, 'sidecar', [15001]),
      await serveHttp({ netns: peer, uid: 1000 }, 'peer', [8080]),
    ]) {
      cleanup.add(server.stop);
    }
  });
  after(() => cleanup.run());

  for (const address of ['192.0.2.2', '2001:db8::2']) {
    it(`reaches the sidecar as the app's user: ${address}`, async () => {
      assert.equal(await server(1000, address), 'sidecar');
    });

    it(`leaves the pod as the sidecar's user: ${address}`, async () => {
      assert.equal(await server(1337, address), 'peer');
    });
  }

  async function server(uid: number, address: string): Promise<string> {
    const owner = { netns: pod, uid: host(uid), gid: host(uid) };
    const said = await callers.ask(owner, { protocol: 'http', address, port: 8080 });
    return 'server' in said ? said.server : JSON.stringify(said);
  }
});

async function ip(netns: string, lines: readonly string[]): Promise<void> {
  await execa('ip', ['-n', netns, '-batch', '-'], { input: lines.join('\n') });
}
