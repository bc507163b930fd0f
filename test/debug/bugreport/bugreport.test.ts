import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { command } from '../../../debug/bugreport/bugreport.ts';
import { runPlugin } from '../../support/plugin.ts';
import { hasRoot, inNetns, scratchNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { invoke, type Told } from '../invoke.ts';

/** Where each is planted is its name. */
const secrets = Object.fromEntries(
  [
    'annotation',
    'variable',
    'argument',
    'kubeconfig',
    'account',
    'conflist',
    'log',
    'agent',
    'rule',
    'own',
  ].map((place, i) => [place, `plant3d${i}${place}S3cret`]),
) as Record<string, string>;
const [annotation = '', variable = '', argument = '', kubeconfig = '', account = ''] =
  Object.values(secrets);
const [conflist = '', log = '', agent = '', rule = '', own = ''] = Object.values(secrets).slice(5);

describe('bugreport', function () {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  const others = [
    { name: 'app2', init: false, args: [`--x=${argument}`], env: [{ name: 'X', value: variable }] },
  ].map((container) => ({ ...container, runAsUser: undefined, runAsGroup: undefined }));
  const node = site({
    annotations: { 'example.com/config': annotation },
    env: { Y: variable },
    others,
  });
  const netns = scratchNetns();
  const inNode = (...path: string[]): string => join(node.directory(), ...path);
  let port = 0;
  const server = createServer((_, response) => response.end(`up 1 {"token":"${agent}"}\n`));

  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const bugreport = (...args: string[]): Promise<Told> =>
    invoke(command, ['--logs', inNode('logs'), ...args], {
      cwd: inNode('out'),
      env: {
        SLUICE_SERVICE_ACCOUNT_DIR: inNode('account'),
        SLUICE_ADDRESS: `127.0.0.1:${port}`,
        DB_PASSWORD: own,
      },
      place: {
        stateDir: node.stateDir(),
        netDir: inNode('net.d'),
        agentSocket: inNode('agent.sock'),
      },
    });

  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
    assert.equal((await runPlugin(node.add(netns.path))).exitCode, 0);
    await inNetns(netns, [
      'iptables-nft',
      '-A',
      'INPUT',
      '-m',
      'comment',
      '--comment',
      `password=${rule}`,
    ]);
    await inNetns(netns, ['iptables-legacy', '-A', 'INPUT', '-s', '192.0.2.7', '-j', 'ACCEPT']);
    plant(join(node.stateDir(), 'kubeconfig'), `users:\n- user:\n    token: ${kubeconfig}\n`);
    plant(inNode('account', 'token'), account);
    plant(
      inNode('net.d', '10-a.conflist'),
      `{"name":"a","plugins":[{"type":"b","k8s_auth_token":"${conflist}"}]}`,
    );
    const lines = [
      `{"msg":"x","password":"${log}"}`,
      `asked with ${account} and Bearer ${log}`,
      `env ${own}`,
    ];
    plant(inNode('logs/sluice-system_sluice-agent-x_uid/agent/0.log'), lines.join('\n'));
    mkdirSync(inNode('out'));
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  it('says what it will do, and does nothing', async () => {
    const { text, exitCode } = await bugreport('--dry-run');
    assert.equal(exitCode, 0);
    for (const what of [
      /^list rules and routes in \/run\/netns\//m,
      /^run explain default\/web-0 -o json/m,
      /^read .*10-a.conflist/m,
    ])
      assert.match(text, what);
    assert.deepEqual(readdirSync(inNode('out')), []);
  });

  it('writes an archive for root alone, and none over another', async () => {
    const { text } = await bugreport('--file', 'report.tar.gz');
    assert.match(text, /report.tar.gz: \d+ files, \d+ KiB$/m);
    assert.equal(statSync(inNode('out/report.tar.gz')).mode & 0o777, 0o600);
    await assert.rejects(bugreport('--file', 'report.tar.gz'), { exitCode: 3 });
    await execa('tar', ['-xzf', 'report.tar.gz', '--strip-components', '1'], {
      cwd: inNode('out'),
    });
  });

  const wanted: Readonly<Record<string, RegExp>> = {
    'versions.json': /"sluice"/,
    'manifest.json': /"collected"/,
    'commands/history.json': /"outcome": "redirected"/,
    'commands/conflist.json': /"findings"/,
    'cni/net.d/10-a.conflist': /"k8s_auth_token":"\[redacted\]"/,
    'state/attachments/container-1-eth0.json': /"ISTIO_OUTPUT"/,
    'pods/default_web-0/explain.json': /"exitCode": 0/,
    'pods/default_web-0/container-1-eth0.rules.txt':
      /ISTIO_OUTPUT[^#]*[\s\S]*### iptables-legacy ipv4\n[^#]*#[\s\S]*-s 192\.0\.2\.7[\s\S]*### nft list ruleset\ntable/,
    'pods/default_web-0/diff.json': /"exitCode": 0/,
    'agent/metrics.txt': /^up 1/,
    'logs/sluice-system_sluice-agent-x_uid/agent/0.log':
      /asked with \[redacted\] and Bearer \[redacted\]/,
  };
  for (const [file, holds] of Object.entries(wanted)) {
    it(`has ${file}`, () => {
      assert.match(readFileSync(inNode('out', file), 'utf8'), holds);
    });
  }

  for (const [place, secret] of Object.entries(secrets)) {
    it(`holds no secret of: ${place}`, async () => {
      const { stdout } = await execa('grep', ['-rl', secret, inNode('out')], { reject: false });
      assert.equal(stdout, '');
    });
  }

  it('leaves out a log that is older than asked for', async () => {
    const old = inNode('logs/sluice-system_sluice-agent-x_uid/agent/0.log');
    utimesSync(old, 0, 0);
    assert.doesNotMatch((await bugreport('--dry-run')).text, /0\.log/);
  });

  it('keeps within its size', async () => {
    const { value } = await bugreport('--file', 'small.tar.gz', '--max-size', '4K');
    const { items } = value as { items: { outcome: string; bytes: number }[] };
    assert.ok(items.reduce((total, { bytes }) => total + bytes, 0) <= 4_096);
    assert.ok(items.some(({ outcome }) => outcome === 'left-out'));
  });

  for (const args of [
    ['--since', 'today'],
    ['--max-size', '5G'],
    ['--timeout', '0'],
  ]) {
    it(`refuses ${args.join(' ')}`, async () => {
      await assert.rejects(bugreport(...args), { exitCode: 2 });
    });
  }
});
