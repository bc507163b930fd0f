import assert from 'node:assert/strict';
import { type Libc, loadLibc } from '../../../../agent/census/look/libc.ts';
import {
  type Connections,
  connectionsBy,
} from '../../../../agent/repair/connections/connections.ts';
import { type Connection, renderConnection } from '../../../../agent/repair/connections/sockets.ts';
import { closeNetns, openNetns } from '../../../../cni/kernel/netns.ts';
import { createCleanup } from '../../../support/cleanup.ts';
import { redirect, scratchName } from '../../../support/ground.ts';
import { createMesh, type Mesh, targets } from '../../../support/mesh.ts';
import { type Daemon, startProgram } from '../../../support/process.ts';
import { hasRoot, inNetns } from '../../../support/scratch.ts';

const APP = '1000';
const PROXY = '1337';
const SOCK_DESTROY = 21;

describe('connections that were opened before', function () {
  this.timeout(60_000);
  const cleanup = createCleanup();
  let connections: Connections;
  let mesh: Mesh;

  before(function () {
    if (!hasRoot()) this.skip();
    connections = connectionsBy(loadLibc(['/run', '/tmp']));
  });
  beforeEach(async () => {
    mesh = await createMesh(scratchName(), cleanup);
    await daemon(mesh.peer, 'listen', '80');
    await daemon(mesh.pod, 'listen', '8080');
  });
  afterEach(() => cleanup.run());

  const daemon = async (netns: Mesh['pod'], ...args: string[]): Promise<Daemon> => {
    const uid = args[0] === PROXY ? [] : [APP];
    const started = await startProgram(netns, 'talker.ts', [...uid, ...args]);
    cleanup.add(started.stop);
    return started;
  };
  const onPod = <T>(work: (netns: ReturnType<typeof openNetns>) => T): T => {
    const netns = openNetns(mesh.pod.path);
    try {
      return work(netns);
    } finally {
      closeNetns(netns);
    }
  };
  const say = async (talker: Daemon, word: string): Promise<string | undefined> => {
    talker.say(word);
    return talker.line((line) => line === word || line === 'reset');
  };
  const program = (mode = 'REDIRECT'): Promise<unknown> =>
    redirect(mesh.pod, 'iptables-nft', {
      annotations: { 'sidecar.istio.io/interceptionMode': mode },
    });
  const tracking = (): Promise<unknown> =>
    inNetns(mesh.pod, [
      'sh',
      '-c',
      'iptables-nft -A OUTPUT -m conntrack --ctstate INVALID; ' +
        'ip6tables-nft -A OUTPUT -m conntrack --ctstate INVALID',
    ]);
  const remotes = (found: readonly Connection[]): string[] =>
    found.map((one) => renderConnection(one).split(' > ')[1] ?? '');

  const ways: Readonly<Record<string, () => Promise<Daemon>>> = {
    'from the app over IPv4': () => daemon(mesh.pod, 'connect', targets.peer.ipv4, '80'),
    'from the app over IPv6': () => daemon(mesh.pod, 'connect', targets.peer.ipv6, '80'),
    'to the app over IPv4': () => daemon(mesh.peer, 'connect', targets.pod.ipv4, '8080'),
    'to the app over IPv6': () => daemon(mesh.peer, 'connect', targets.pod.ipv6, '8080'),
  };
  for (const [way, open] of Object.entries(ways)) {
    for (const [before, mode] of [
      ['untracked', 'REDIRECT'],
      ['tracked', 'REDIRECT'],
      ['untracked', 'TPROXY'],
    ] as const) {
      it(`${way}, ${before}, ${mode}: are told and go on`, async () => {
        if (before === 'tracked') await tracking();
        const talker = await open();
        assert.equal(await say(talker, 'one'), 'one');
        const found = onPod((netns) => connections.keep(netns, Number(PROXY)));
        assert.equal(found.length, 1);
        await program(mode);
        assert.equal(await say(talker, 'two'), 'two');
      });

      it(`${way}, ${before}, ${mode}: are cut if that is wanted`, async () => {
        if (before === 'tracked') await tracking();
        const talker = await open();
        await say(talker, 'one');
        await program(mode);
        const { how, connections: found } = onPod((netns) => connections.cut(netns, Number(PROXY)));
        assert.deepEqual([how, found.length], ['reset', 1]);
        assert.equal(await say(talker, 'two'), 'reset');
      });
    }
  }

  it('end with their next packet where the kernel does not reset them', async () => {
    const libc = loadLibc(['/run', '/tmp']);
    const send: Libc['send'] = (socket, message, ...rest) => {
      const request = message as Buffer;
      if (request.readUInt16LE(4) === SOCK_DESTROY) request.writeUInt16LE(SOCK_DESTROY + 1, 4);
      return libc.send(socket, request, ...rest);
    };
    const talker = await daemon(mesh.pod, 'connect', targets.peer.ipv4, '80');
    await program();
    const older = connectionsBy({ ...libc, send });
    assert.equal(onPod((netns) => older.cut(netns, Number(PROXY))).how, 'forgotten');
    assert.equal(await say(talker, 'one'), 'reset');
  });

  it('of the sidecar are not told, and go on in any case', async () => {
    const talker = await daemon(mesh.pod, PROXY, 'connect', targets.peer.ipv4, '80');
    assert.deepEqual(
      onPod((netns) => connections.keep(netns, Number(PROXY))),
      [],
    );
    await program();
    assert.deepEqual(onPod((netns) => connections.cut(netns, Number(PROXY))).connections, []);
    assert.equal(await say(talker, 'one'), 'one');
  });

  it('are told by the address that they go to', async () => {
    await daemon(mesh.pod, 'connect', targets.peer.ipv4, '80');
    await daemon(mesh.pod, 'connect', targets.peer.ipv6, '80');
    const found = onPod((netns) => connections.keep(netns, Number(PROXY)));
    assert.deepEqual(remotes(found), [`${targets.peer.ipv4}:80`, `[${targets.peer.ipv6}]:80`]);
  });

  it('are let alone where there are too many to look at', async () => {
    const talkers = [targets.peer.ipv4, targets.peer.ipv6].map((peer) =>
      daemon(mesh.pod, 'connect', peer, '80'),
    );
    await Promise.all(talkers);
    const at = (most: number): Connections => connectionsBy(loadLibc(['/run', '/tmp']), most);
    const all = 3; // that of the app which listens, too
    const few = { message: `there are ${all} TCP sockets, wanted at most ${all - 1}` };
    for (const how of ['keep', 'cut'] as const) {
      const look = (most: number) => onPod((netns) => at(most)[how](netns, Number(PROXY)));
      assert.throws(() => look(all - 1), few);
      assert.doesNotThrow(() => look(all));
    }
  });

  it('and that the sidecar has are not told', async () => {
    await program();
    await daemon(mesh.pod, 'listen', '15001');
    await daemon(mesh.pod, 'connect', targets.east.ipv4, '443');
    assert.deepEqual(
      onPod((netns) => connections.keep(netns, Number(PROXY))),
      [],
    );
  });
});
