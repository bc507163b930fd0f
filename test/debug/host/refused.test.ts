import assert from 'node:assert/strict';
import { createCleanup } from '../../support/cleanup.ts';
import { createGround, scratchDirectory } from '../../support/ground.ts';
import { holdings } from '../../support/holdings.ts';
import { targets } from '../../support/mesh.ts';
import { start, type Daemon } from '../../support/process.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { realProgram, site } from '../../support/site.ts';
import { type Ground } from '../../support/trips.ts';
import { type Ran, runOnHost } from './ground.ts';

const address = ['--address', targets.pod.ipv4];
const butSsh = ['--exclude-inbound-ports', '22'];

describe('host apply', () => {
  const cleanup = createCleanup();
  const tools = site();
  let ground: Ground;
  let stateDir: string;
  const apply = (args: readonly string[], env = {}): Promise<Ran> =>
    runOnHost(ground.mesh.pod, ['apply', ...args], { stateDir, env });

  before(async function () {
    if (!hasRoot()) this.skip();
    ground = await createGround(cleanup, { mode: 'REDIRECT' });
    stateDir = await scratchDirectory(cleanup);
  });
  after(() => cleanup.run());

  const refused: Readonly<
    Record<string, readonly [args: readonly string[], code: number, says: RegExp]>
  > = {
    'without an address': [butSsh, 2, /wanted --address/],
    'with an address of another host': [
      ['--address', '192.0.2.9', ...butSsh],
      1,
      /192.0.2.9 is no address of this host/,
    ],
    'where it would capture SSH': [address, 1, /inbound port 22 would go to the sidecar/],
    'for a sidecar of another user': [
      [...address, ...butSsh, '--proxy-user', '4711'],
      1,
      /user 1337 listens on 15001, not 4711/,
    ],
    'where nobody listens': [
      [...address, ...butSsh, '--outbound-port', '16001'],
      1,
      /nobody listens on 16001/,
    ],
    'for a user by name': [
      [...address, ...butSsh, '--proxy-user', 'nobody'],
      1,
      /user 1337 listens on 15001, not 65534/,
    ],
    'of a wrong argument': [
      [...address, '--outbound-port', '0'],
      2,
      /--outbound-port: cannot parse port "0"/,
    ],
    'for root': [
      [...address, ...butSsh, '--proxy-user', 'root'],
      2,
      /cannot take root for the sidecar/,
    ],
    'for a user that is unknown': [
      [...address, '--proxy-user', 'no-such-user'],
      2,
      /cannot find user "no-such-user"/,
    ],
    'of a wrong port': [
      [...address, '--exclude-inbound-ports', 'ssh'],
      2,
      /--exclude-inbound-ports: cannot parse port "ssh"/,
    ],
  };
  for (const [name, [args, code, says]] of Object.entries(refused)) {
    it(`refuses ${name}, and changes nothing`, async () => {
      const before = await holdings(ground.mesh.pod);
      const { stderr, exitCode } = await apply(args);
      assert.match(stderr, says);
      assert.equal(exitCode, code, stderr);
      assert.deepEqual(await holdings(ground.mesh.pod), before);
    });
  }

  it('refuses to capture the port by which somebody came', async () => {
    const { stderr, exitCode } = await apply([...address, ...butSsh], {
      SSH_CONNECTION: '10.0.0.9 5 10.0.0.5 2222',
    });
    assert.match(stderr, /inbound port 2222 would go/);
    assert.equal(exitCode, 1);
  });

  it('undoes what was done where one family fails', async () => {
    const before = await holdings(ground.mesh.pod);
    const restore = realProgram('ip6tables-nft-restore');
    const script = `input=$(cat); case $input in *ISTIO_*) exit 1;; esac; printf '%s\\n' "$input" | ${restore} "$@"`;
    const toolsDir = tools.tools({ 'ip6tables-nft-restore': script });
    const { stderr, exitCode } = await apply([...address, ...butSsh], {
      SLUICE_TOOLS_DIR: toolsDir,
    });
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /cannot redirect this host\n +cannot redirect the pod's traffic .* nothing of it was left behind/,
    );
    assert.deepEqual(await holdings(ground.mesh.pod), before);
  });

  it('keeps a connection open that the kernel has not followed so far', async () => {
    const { server, client } = await talk(ground);
    cleanup.add(server.stop);
    cleanup.add(client.stop);
    const speaking = setInterval(() => {
      server.say('still there');
    }, 100);
    const { exitCode, stderr } = await apply([...address, ...butSsh]).finally(() => {
      clearInterval(speaking);
    });
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^following \d+ open connections/);
    server.say('after all');
    assert.equal(await client.line((line) => line === 'after all'), 'after all');
  });
});

describe('host remove', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const netns = scratchNetns();

  it('takes away what a killed apply has left', async () => {
    const rule = '-m conntrack --ctstate ESTABLISHED -m comment --comment'.split(' ');
    const left = [...rule, 'host apply follows open connections'];
    await inNetns(netns, ['iptables-nft', '-t', 'mangle', '-A', 'OUTPUT', ...left]);
    const { exitCode } = await runOnHost(netns, ['remove'], { stateDir: '/nonexistent' });
    assert.equal(exitCode, 0);
    assert.deepEqual(await holdings(netns), []);
  });
});

/** A server on the host that passes its stdin on, and who listens to it from outside. */
async function talk({ mesh }: Ground): Promise<{ server: Daemon; client: Daemon }> {
  const serve = `require('net').createServer((s) => process.stdin.pipe(s)).listen(22, () => console.log('ready'))`;
  const listen = `require('net').connect(22, '${targets.pod.ipv4}').on('connect', () => console.log('ready')).pipe(process.stdout)`;
  const server = start({ netns: mesh.pod }, [process.execPath, '-e', serve]);
  assert.equal(await server.line((line) => line === 'ready'), 'ready');
  const client = start({ netns: mesh.peer }, [process.execPath, '-e', listen]);
  assert.equal(await client.line((line) => line === 'ready'), 'ready');
  return { server, client };
}
