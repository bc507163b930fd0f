import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { until } from '../agent/until.ts';
import { CONFLIST, runtimeNode } from './node.ts';
import { held, loaded, meshed, plain, recordOf, startPod, untilLoaded, WITH_OURS } from './pods.ts';

const DROP_IN = '/etc/cni/net.d/net/99-sluice.conf';

describe('containerd (built) and our entry in the drop-in directory', function () {
  this.timeout(120_000);
  const node = runtimeNode('built', '1.1.0');

  it('loads it when the agent has put it there, without a restart', async () => {
    const { host, agent } = node();
    const primary = await readFile(host.path(CONFLIST), 'utf8');
    await agent.start({ SLUICE_INSTALL: 'drop-in' });
    await untilLoaded(node(), WITH_OURS);
    assert.equal(await readFile(host.path(CONFLIST), 'utf8'), primary);
  });

  it('starts pods through it', async () => {
    node().agent.addPod('web-0');
    const id = await startPod(node(), 'web-0', meshed);
    assert.equal(recordOf(node(), id)?.outcome, 'redirected');
    assert.deepEqual(await held(node(), await startPod(node(), 'plain-0', plain)), []);
  });

  it('has it once when it has moved to the list', async () => {
    await node().agent.stop();
    await node().agent.start();
    await assert.rejects(readFile(node().host.path(DROP_IN)), { code: 'ENOENT' });
    await untilLoaded(node(), WITH_OURS);
  });
});

describe('containerd (debian) and our entry in the drop-in directory', function () {
  this.timeout(120_000);
  const node = runtimeNode('debian', '1.0.0');

  it('does not load it, also after a restart, and the agent is not ready', async () => {
    const { agent, containerd, host } = node();
    agent.launch({ SLUICE_INSTALL: 'drop-in' });
    await until(() => existsSync(host.path(DROP_IN)));
    await containerd.restart();
    assert.deepEqual(await loaded(node()), ['bridge', 'portmap']);
    const sentence = /"containerd:\/\/1\.6\.\S+" is not known to load plugins from a directory/;
    await until(async () => {
      const [first = '', ...others] = (await agent.missing()) ?? [];
      return sentence.test(first) && others.length === 0;
    });
  });
});
