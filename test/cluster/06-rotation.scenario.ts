import assert from 'node:assert/strict';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority, issue, type Pair } from '../cni/facts/pki.ts';
import { addressOf, apply, readyPods } from './ask.ts';
import { type Cluster, cluster } from './cluster.ts';
import { agentsOf, install } from './install.ts';
import { rulesOf } from './kernel.ts';
import { type Part } from './node.ts';
import { deployment } from './pods.ts';
import { SERVER_NAMES } from './plane.ts';
import { untilTrue } from './until.ts';

/** In the order in which operators do it: nobody is ever told something that he does not know yet. */
describe('tokens and certificates that are rotated', function () {
  this.timeout(240_000);
  const at = cluster();
  let authority: Pair;
  let certificate: Pair;
  let agents: string;

  before(async () => {
    await install(at());
    agents = await identities(at());
    const directory = join(at().plane.directory, 'later');
    await mkdir(directory);
    authority = createAuthority(directory);
    certificate = issue(directory, 'server', authority, SERVER_NAMES);
  });

  it('a second authority reaches the agents', async () => {
    const { plane } = at();
    await appendFile(plane.credentials.caFile, authority.cert);
    await plane.restartControllers();
    await restart(at(), 'kubelet', 'kube-proxy');
    await untilEach(at(), 'knows both authorities', 'ca.crt', (text) => {
      return text.split('BEGIN CERTIFICATE').length === 3;
    });
  });

  it('tokens of a new key reach them', async () => {
    const { plane } = at();
    const before = new Set(await mounted(at(), 'token'));
    await plane.stopServer();
    await plane.startServer({ certificate, accepted: [plane.credentials.certificate.certFile] });
    // In peace, a token grows an hour old before kubelet asks for the next.
    await restart(at(), 'kubelet');
    await untilEach(at(), 'has another token', 'token', (token) => !before.has(token));
  });

  it('and when those of the old one no longer count, the same agents go on', async () => {
    const { plane } = at();
    await plane.stopServer();
    await plane.startServer({ certificate });
    await plane.restartControllers();
    await restart(at(), 'kubelet');
    for (const { name, host } of at().nodes) {
      await apply(at(), deployment(`web-${name}`, { mesh: 'container', node: name }));
      const [web] = await readyPods(at(), `web-${name}`);
      assert.notDeepEqual(await rulesOf(host, addressOf(web)), []);
    }
    assert.equal(await identities(at()), agents);
  });
});

/** Which pods the agents are, and how often each was started. */
async function identities(at: Cluster): Promise<string> {
  const pods = await agentsOf(at);
  const lines = pods.map(({ metadata, status }) => {
    return `${metadata.name} ${status.containerStatuses.map((each) => each.restartCount).join(' ')}`;
  });
  return lines.sort().join('\n');
}

async function restart({ nodes }: Cluster, ...parts: readonly Part[]): Promise<void> {
  for (const node of nodes) {
    for (const part of parts) {
      await node.stop(part);
      await node.start(part);
    }
  }
}

async function untilEach(
  at: Cluster,
  what: string,
  file: string,
  holds: (text: string) => boolean,
): Promise<void> {
  await untilTrue(
    `each agent ${what}`,
    async () => (await mounted(at, file)).every((text) => holds(text)),
    { timeoutMs: 120_000 },
  );
}

/** A file of the agents' service account, as kubelet shows it to each. */
async function mounted(at: Cluster, file: string): Promise<string[]> {
  const agents = await agentsOf(at);
  return Promise.all(
    agents.map(async ({ metadata, spec }) => {
      const node = at.nodes.find(({ name }) => name === spec.nodeName);
      const volumes = `/var/lib/kubelet/pods/${metadata.uid}/volumes/kubernetes.io~projected`;
      const found = `cat ${volumes}/kube-api-access-*/${file}`;
      return (await node?.host.exec('sh', ['-c', found]))?.stdout ?? '';
    }),
  );
}
