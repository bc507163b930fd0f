import assert from 'node:assert/strict';
import { command } from '../../../debug/verify/verify.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { redirect, scratchDirectory, scratchName } from '../../support/ground.ts';
import { createMesh, type Mesh } from '../../support/mesh.ts';
import { type PodChanges } from '../../support/pod.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { type Sidecar, startSidecar } from '../../support/sidecar.ts';
import { stateOf } from '../live.ts';
import { invoke, type Told } from '../invoke.ts';

const dns: PodChanges = { env: { ISTIO_META_DNS_CAPTURE: 'true' } };
const tproxy: PodChanges = { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } };
const untouched: PodChanges = { annotations: { 'sidecar.istio.io/inject': 'false' } };

describe('sluice verify', () => {
  const cleanup = createCleanup();
  let mesh: Mesh;

  before(function () {
    if (!hasRoot()) this.skip();
  });
  beforeEach(async () => {
    mesh = await createMesh(scratchName(), cleanup);
  });
  afterEach(() => cleanup.run());

  const verify = async (pod: PodChanges): Promise<Told> => {
    const stateDir = await stateOf(mesh.pod, pod, cleanup);
    return invoke(command, ['default/web-0', '--from', mesh.peer.path], { place: { stateDir } });
  };
  const program = (family: string): string =>
    family === 'ipv4' ? 'iptables-nft' : 'ip6tables-nft';

  const sidecar = async (mode: 'REDIRECT' | 'TPROXY'): Promise<Sidecar> => {
    const started = await startSidecar(mesh.pod, await scratchDirectory(cleanup), { mode });
    cleanup.add(started.stop);
    return started;
  };

  it('sees every packet go where it should, in both families', async () => {
    await redirect(mesh.pod, 'iptables-nft', dns);
    const { exitCode, text } = await verify(dns);
    for (const aim of ['outbound', 'dns-tcp', 'dns-udp', 'inbound', 'own-service', 'sidecar'])
      for (const family of ['ipv4', 'ipv6'])
        assert.match(text, new RegExp(`^ +${aim} +${family} +yes `, 'm'));
    assert.equal(exitCode, 0, text);
  });

  it('sees the same where a sidecar runs, which takes no notice', async () => {
    await redirect(mesh.pod, 'iptables-nft', {});
    const { passages } = await sidecar('REDIRECT');
    const { exitCode, text } = await verify({});
    assert.equal(exitCode, 0, text);
    assert.deepEqual(passages(), []);
  });

  it('sees that inbound is not redirected', async () => {
    await redirect(mesh.pod, 'iptables-nft', {});
    await inNetns(mesh.pod, [program('ipv6'), '-t', 'nat', '-F', 'PREROUTING']);
    const { exitCode, text } = await verify({});
    assert.match(text, /inbound +ipv4 +yes/);
    assert.match(text, /inbound +ipv6 +no .*went where it wanted to go, not to port 15006/);
    assert.equal(exitCode, 1, text);
  });

  it('sees that nothing is redirected', async () => {
    const { exitCode, text } = await verify({});
    assert.match(text, /outbound +ipv4 +no .*dropped, or seen by no rule/);
    assert.equal(exitCode, 1, text);
  });

  it('sees that IPv6 leaks', async () => {
    await redirect(mesh.pod, 'iptables-nft', {});
    await inNetns(mesh.pod, [program('ipv6'), '-t', 'nat', '-F', 'ISTIO_OUTPUT']);
    const { exitCode, text } = await verify({});
    assert.match(text, /outbound +ipv4 +yes/);
    assert.match(text, /outbound +ipv6 +no .*went where it wanted to go, not to port 15001/);
    assert.equal(exitCode, 1, text);
  });

  it('sees a sidecar that would loop', async () => {
    await redirect(mesh.pod, 'iptables-nft', {});
    await inNetns(mesh.pod, [
      program('ipv4'),
      '-t',
      'nat',
      '-I',
      'ISTIO_OUTPUT',
      '-p',
      'tcp',
      '-j',
      'ISTIO_REDIRECT',
    ]);
    const { exitCode, text } = await verify({});
    assert.match(text, /sidecar +ipv4 +no .*went to port 15001, not there/);
    assert.equal(exitCode, 1, text);
  });

  it('sees what TPROXY takes, once there is a sidecar', async () => {
    await redirect(mesh.pod, 'iptables-nft', tproxy);
    const alone = await verify(tproxy);
    assert.match(alone.text, /inbound +ipv4 +\? .*not answered/);
    assert.equal(alone.exitCode, 3, alone.text);
    await sidecar('TPROXY');
    const { exitCode, text } = await verify(tproxy);
    assert.match(text, /inbound +ipv4 +yes .*accepted/);
    assert.equal(exitCode, 0, text);
  });

  it('sees that a pod that is to be left alone is', async () => {
    const before = await verify(untouched);
    assert.equal(before.exitCode, 0, before.text);
    await redirect(mesh.pod, 'iptables-nft', {});
    const { exitCode, text } = await verify(untouched);
    assert.match(text, /outbound +ipv4 +no .*went to port 15001, not there/);
    assert.equal(exitCode, 1);
  });
});
