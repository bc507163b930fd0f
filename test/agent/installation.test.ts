import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type AgentConfig, readConfig } from '../../agent/config.ts';
import { entryKeys, type Installation, installationOf } from '../../agent/installation.ts';
import { createMetrics } from '../../agent/metrics.ts';
import { leasePath } from '../../install/config.ts';
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

describe('Installation.remove()', () => {
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
  const kept = async (): Promise<Installation> => {
    const log = pino({ enabled: false });
    const installation = installationOf(config, { metrics: createMetrics(() => 0), log });
    assert.ok(installation);
    const stop = new AbortController();
    const keeping = installation.keep(stop.signal);
    await until(() => installation.state().reason !== 'nothing was looked at yet');
    stop.abort();
    await keeping;
    return installation;
  };

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
