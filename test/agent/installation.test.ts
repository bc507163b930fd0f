import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type AgentConfig, readConfig } from '../../agent/config.ts';
import { entryKeys, type Installation, installationOf } from '../../agent/installation.ts';
import { createMetrics, type Metrics } from '../../agent/metrics.ts';
import { FREE_TRIES } from '../../install/backoff.ts';
import { leasePath } from '../../install/config.ts';
import { fixture } from '../install/fixtures.ts';
import { until } from './until.ts';

describe('entryKeys()', () => {
  it('says nothing that goes without saying', () => {
    assert.deepEqual(entryKeys(readConfig({ NODE_NAME: 'n1' })), {});
  });

  it('tells the plugin what the agent is told', () => {
    const config = readConfig({
      NODE_NAME: 'n1',
      SLUICE_BACKEND: 'iptables-legacy',
      SLUICE_EXCLUDE_NAMESPACES: 'kube-system,monitoring',
    });
    const excludeNamespaces = ['kube-system', 'monitoring'];
    assert.deepEqual(entryKeys(config), { backend: 'iptables-legacy', excludeNamespaces });
  });
});

describe('installationOf()', () => {
  let directory = '';
  let config: AgentConfig;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-installation-'));
    for (const each of ['net.d', 'bin', 'state']) mkdirSync(join(directory, each));
    config = readConfig({
      NODE_NAME: 'n1',
      SLUICE_STATE_DIR: `${directory}/state`,
      SLUICE_AGENT_SOCKET: `${directory}/agent.sock`,
      SLUICE_CNI_NET_DIR: `${directory}/net.d`,
      SLUICE_CNI_BIN_DIR: `${directory}/bin`,
    });
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** An agent that has kept the plugin until now. */
  const kept = async (): Promise<Installation & { readonly metrics: Metrics }> => {
    const log = pino({ enabled: false });
    const metrics = createMetrics(() => 0);
    const installation = installationOf(config, { metrics, log });
    assert.ok(installation);
    const stop = new AbortController();
    const keeping = installation.keep(stop.signal);
    await until(() => installation.state().reason !== 'nothing was looked at yet');
    stop.abort();
    await keeping;
    return { ...installation, metrics };
  };
  const primary = (): string => join(directory, 'net.d/10-calico.conflist');

  it('counts each step by outcome and cause', async () => {
    writeFileSync(primary(), fixture('calico.conflist'));
    const { metrics } = await kept();
    const [installs = '', ...others] = counted(await metrics.render());
    // What runs here is Node.js, which is no plugin; on a slow machine it is tried again.
    assert.match(
      installs,
      /^sluice_installs_total\{outcome="failed",cause="executable-missing"\} \d+$/,
    );
    assert.deepEqual(others, ['sluice_conflist_conflicts_total 0']);
  });

  it('counts how often somebody else takes our entry out', async () => {
    symlinkSync(process.execPath, join(directory, 'bin/sluice-cni'));
    const metrics = createMetrics(() => 0);
    const log = pino({ enabled: false });
    const stop = new AbortController();
    const keeping = installationOf(config, { metrics, log })?.keep(stop.signal);
    for (let times = 0; times <= FREE_TRIES; times += 1) {
      writeFileSync(join(directory, 'new'), fixture('calico.conflist'));
      renameSync(join(directory, 'new'), primary());
      await until(() => readFileSync(primary(), 'utf8').includes('sluice-cni'));
    }
    await until(async () =>
      (await metrics.render()).includes('\nsluice_conflist_conflicts_total 1'),
    );
    stop.abort();
    await keeping;
    assert.deepEqual(counted(await metrics.render()), [
      `sluice_installs_total{outcome="done",cause="entry-missing"} ${FREE_TRIES + 1}`,
      'sluice_conflist_conflicts_total 1',
    ]);
  });

  it('is that of the agent before again when the one after it stops, as where an upgrade is taken back', async () => {
    const [older, newer] = [await kept(), await kept()];
    await newer.release();
    assert.equal(await older.remove(async () => undefined), undefined);
    assert.equal(existsSync(leasePath(config)), false);
  });

  it('takes nothing away while another agent keeps the plugin, as with a DaemonSet of another name', async () => {
    const [older, newer] = [await kept(), await kept()];
    const ended: string[] = [];
    const keeper = await older.remove(async () => void ended.push('older'));
    assert.match(String(keeper), /-[0-9a-f]{8}$/);
    assert.ok(existsSync(leasePath(config)));
    assert.equal(await newer.remove(async () => void ended.push('newer')), undefined);
    assert.deepEqual(ended, ['newer']);
    assert.equal(existsSync(leasePath(config)), false);
  });
});

/** What is told of the installation, in the words of an exposition. */
function counted(exposition: string): string[] {
  const isOfIt = /^sluice_(installs_total|conflist_conflicts_total)\b/;
  return exposition.split('\n').filter((line) => isOfIt.test(line));
}
