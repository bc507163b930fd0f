import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { redirect, scratchName } from '../../support/ground.ts';
import { createMesh, type Mesh } from '../../support/mesh.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';

const as = fileURLToPath(new URL('as.ts', import.meta.url));
const injected = '-p 15001 -z 15006 -u 1337 -m REDIRECT -i * -x  -b * -d 15090,15021,15020'.split(
  ' ',
);
const dropIn = [
  'istio-iptables',
  ...injected,
  '--log_output_level=default:info',
  '--run-validation',
  '--skip-rule-apply',
];

interface Ended {
  readonly exitCode: number;
  readonly proofs: Readonly<Record<string, string>>;
  readonly text: string;
}

describe('sluice validate, in a pod', () => {
  const cleanup = createCleanup();
  let mesh: Mesh;

  before(async function () {
    if (!hasRoot()) this.skip();
    mesh = await createMesh(scratchName(), cleanup);
  });
  after(() => cleanup.run());

  const validate = async (uid: number, args: readonly string[]): Promise<Ended> => {
    const command = [
      'node',
      '--no-warnings',
      as,
      String(uid),
      ...args,
      '--timeout',
      '1',
      '-o',
      'json',
    ];
    const {
      exitCode = -1,
      stdout,
      stderr,
    } = await execa('nsenter', [`--net=${mesh.pod.path}`, '--', ...command], { reject: false });
    const { proofs } = JSON.parse(stdout || '{"proofs": []}') as {
      proofs: { aim: string; family: string; result: string }[];
    };
    const told = proofs.map(({ aim, family, result }) => [`${aim} ${family}`, result]);
    return {
      exitCode,
      proofs: Object.fromEntries(told) as Record<string, string>,
      text: stdout + stderr,
    };
  };
  const flush = async (
    family: 'ipv4' | 'ipv6',
    backend: Backend = 'iptables-nft',
  ): Promise<void> => {
    const name = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}${backend.slice('iptables'.length)}`;
    for (const table of ['nat', 'mangle', 'raw'])
      await inNetns(mesh.pod, [name, '-t', table, '-F']);
  };

  describe("as the sidecar's user", () => {
    const own = { 'own-service ipv4': 'proven', 'own-service ipv6': 'proven' };
    const unseen = {
      'outbound ipv4': 'not provable',
      'outbound ipv6': 'not provable',
      'inbound ipv4': 'not provable',
      'inbound ipv6': 'not provable',
    };

    it('proves that the listener is reached, in both families', async () => {
      await redirect(mesh.pod, 'iptables-nft', {});
      const { exitCode, proofs, text } = await validate(1337, dropIn);
      assert.deepEqual(proofs, { ...own, ...unseen }, text);
      assert.equal(exitCode, 0);
    });

    it('ends with 126 where nothing is redirected', async () => {
      await flush('ipv4');
      await flush('ipv6');
      const { exitCode, proofs, text } = await validate(1337, dropIn);
      assert.deepEqual(
        proofs,
        { 'own-service ipv4': 'missing', 'own-service ipv6': 'missing', ...unseen },
        text,
      );
      assert.equal(exitCode, 126);
    });

    it('ends with 126 where one family is not redirected', async () => {
      await redirect(mesh.pod, 'iptables-nft', {});
      await flush('ipv6');
      const { exitCode, proofs, text } = await validate(1337, dropIn);
      assert.deepEqual(proofs, { ...own, ...unseen, 'own-service ipv6': 'missing' }, text);
      assert.equal(exitCode, 126);
    });
  });

  describe('as another user', () => {
    it('proves outbound and DNS, in both families', async () => {
      await redirect(mesh.pod, 'iptables-nft', { env: { ISTIO_META_DNS_CAPTURE: 'true' } });
      const { exitCode, proofs, text } = await validate(1000, [
        'validate',
        ...injected,
        '--redirect-dns',
      ]);
      for (const aim of ['outbound', 'dns-tcp', 'dns-udp'])
        for (const family of ['ipv4', 'ipv6'])
          assert.equal(proofs[`${aim} ${family}`], 'proven', text);
      assert.equal(exitCode, 0);
    });

    it('finds that DNS is not captured', async () => {
      await redirect(mesh.pod, 'iptables-nft', {});
      const { exitCode, proofs, text } = await validate(1000, [
        'validate',
        ...injected,
        '--redirect-dns',
      ]);
      assert.deepEqual(
        [proofs['outbound ipv4'], proofs['dns-udp ipv4']],
        ['proven', 'missing'],
        text,
      );
      assert.equal(exitCode, 1);
    });
  });

  describe('with TPROXY', () => {
    it('proves it by iptables-legacy', async () => {
      await flush('ipv4');
      await flush('ipv6');
      await redirect(mesh.pod, 'iptables-legacy', {
        annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' },
      });
      const tproxy = injected.map((word) => (word === 'REDIRECT' ? 'TPROXY' : word));
      const { exitCode, proofs, text } = await validate(1337, ['istio-iptables', ...tproxy]);
      assert.deepEqual(
        [proofs['own-service ipv4'], proofs['own-service ipv6']],
        ['proven', 'proven'],
        text,
      );
      assert.equal(exitCode, 0);
    });
  });
});
