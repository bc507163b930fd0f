import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { command as check } from '../../../debug/check/check.ts';
import { command as status } from '../../../debug/check/status.ts';
import { type Place } from '../../../debug/command.ts';
import { type Listener, serveHttp } from '../../cni/facts/serve.ts';
import { hasRoot } from '../../support/scratch.ts';
import { invoke } from '../invoke.ts';
import { addOf, nodeState } from '../node.ts';

const token = (exp: number): string =>
  ['{}', JSON.stringify({ exp }), '']
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.');

describe('status', () => {
  const node = nodeState({ records: [addOf({})] });
  const place = (): Partial<Place> => ({
    stateDir: node.path(),
    netDir: `${node.path()}/net.d`,
    binDir: `${node.path()}/bin`,
    agentSocket: `${node.path()}/agent.sock`,
  });
  let ready: object = {
    ready: true,
    version: '0.1.0',
    startedAt: '2026-01-02',
    pods: { known: 4 },
  };
  let agent: Listener;
  const writeConflist = async (entry: object): Promise<void> => {
    const plugins = [{ type: 'bridge' }, { type: 'sluice-cni', ...entry }];
    const list = { cniVersion: '1.0.0', name: 'net', plugins };
    await writeFile(`${node.path()}/net.d/10-net.conflist`, JSON.stringify(list));
  };
  before(async () => {
    await mkdir(`${node.path()}/net.d`);
    await mkdir(`${node.path()}/bin`);
    for (const name of ['bridge', 'sluice-cni']) {
      await writeFile(`${node.path()}/bin/${name}`, '', { mode: 0o755 });
    }
    await writeConflist({ capabilities: { 'io.kubernetes.cri.pod-annotations': true } });
    const choice = { schema: 1, backend: 'iptables-nft', evidence: [], chosenAt: 'then' };
    const found = { ...choice, kernel: '6.1', version: '0.1.0' };
    await writeFile(`${node.path()}/backend.json`, JSON.stringify(found));
    agent = await serveHttp(`${node.path()}/agent.sock`, (_, response) => {
      response.end(JSON.stringify(ready));
    });
  });
  after(() => agent.close());
  const brief = async (): Promise<readonly [number, string]> => {
    const { exitCode, text } = await invoke(status, ['--brief'], { place: place() });
    return [exitCode, text];
  };

  it('is ok where all is there', async () => {
    assert.deepEqual(await brief(), [0, 'ok\n']);
  });

  it('tells what is there', async () => {
    const { text } = await invoke(status, [], { place: place() });
    assert.match(text, /ok +configuration +10-net.conflist: plugin 2 of 2$/m);
    assert.match(text, /ok +backend +iptables-nft, found at then on 6.1$/m);
    assert.match(text, /ok +agent +ready, 0.1.0, 4 pods, since 2026-01-02$/m);
    assert.match(text, /ok +adds +last: redirected, default\/web-0, .*; of 1, half took \d+ ms/m);
  });

  it('is given in JSON by check too, after what the node itself must have', async function () {
    if (!hasRoot()) this.skip();
    const { value } = await invoke(check, [], { place: place() });
    const { outcomes } = value as { outcomes: readonly { id: string; verdict: string }[] };
    assert.deepEqual(
      outcomes.slice(0, 3).map(({ id }) => id),
      ['rights', 'tools', 'backends'],
    );
    assert.deepEqual(
      outcomes.slice(-2).map(({ id }) => id),
      ['adds', 'repairs'],
    );
    assert.equal(outcomes[2]?.verdict, 'fine');
  });

  it('names an agent that is not ready', async () => {
    ready = { ready: false, missing: ['no backend is chosen yet'] };
    assert.deepEqual(await brief(), [1, 'agent: not ready: no backend is chosen yet\n']);
    ready = { ready: true };
  });

  it('names a credential that has expired', async () => {
    const kubeconfig = `${node.path()}/kubeconfig`;
    const config = (exp: number): string =>
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1' } }],
        users: [{ name: 'u', user: { token: token(exp) } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      });
    await writeConflist({ apiFallback: { kubeconfig } });
    await writeFile(kubeconfig, config(1_000_000_000));
    const [exitCode, text] = await brief();
    assert.deepEqual(
      [exitCode, text],
      [1, 'credential: for 10.0.0.1, expired at 2001-09-09T01:46:40.000Z\n'],
    );
    await writeFile(kubeconfig, config(99_000_000_000));
    assert.deepEqual(await brief(), [0, 'ok\n']);
  });

  it('could not tell where a file cannot be read', async () => {
    await writeFile(`${node.path()}/kubeconfig`, 'nonsense');
    const [exitCode, text] = await brief();
    assert.equal(exitCode, 3);
    assert.match(text, /^credential: /);
  });

  it('names what is not there', async () => {
    const { exitCode, text } = await invoke(status, []);
    assert.equal(exitCode, 1);
    assert.match(text, /problem +executable +no executable at \/nonexistent\/bin\/sluice-cni$/m);
    assert.match(text, /problem +agent +the agent does not answer/);
  });
});
