import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type InterceptionMode } from '../../cni/redirect/mode.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { type AgentPod, serveAgent } from '../support/agent.ts';
import { addAttachment, type Added, type Attachment, type Runtime } from '../support/chain.ts';
import { createCleanup } from '../support/cleanup.ts';
import { createGround, scratchDirectory } from '../support/ground.ts';
import { type V1Pod, v1Pod } from '../support/pod.ts';
import { hasRoot, saved } from '../support/scratch.ts';
import { type Ground } from '../support/trips.ts';
import { type Case, traffic } from './cases/case.ts';
import { waysTaken } from './cases/take.ts';

const redirected: Case['ways'] = {
  'app -> peer:8080': 'outbound',
  'app -> peer:9000': 'direct',
  'peer -> pod:8080': 'inbound',
  'app -> service:8080': 'outbound, inbound',
  'proxy -> peer:8080': 'direct',
  'app -> peer:53/udp': 'dns',
};
const untouched: Case['ways'] = {
  'app -> peer:8080': 'direct',
  'peer -> pod:8080': 'direct',
  'app -> peer:53/udp': 'direct',
};

for (const mode of ['REDIRECT', 'TPROXY'] as const) {
  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    describe(`ADD of the packaged executable with ${mode} by ${backend}`, () => {
      const cleanup = createCleanup();
      let ground: Ground;
      let add: (name: string, settings: Readonly<Record<string, string>>) => Promise<Added>;

      before(async function () {
        if (!hasRoot()) this.skip();
        ground = await createGround(cleanup, { mode });
        const directory = await scratchDirectory(cleanup);
        const pods: AgentPod[] = [];
        const agent = await serveAgent(`${directory}/agent.sock`, pods);
        cleanup.add(agent.close);
        add = (name, settings) => {
          const pod = meshedPod(name, mode, settings);
          pods.push(pod);
          return addAttachment(
            runtime(ground, { directory, backend }),
            attachment(ground, pod.metadata),
          );
        };
      });
      after(() => cleanup.run());

      it('leaves traffic alone when an annotation is wrong', async () => {
        await assert.rejects(add('wrong-0', { excludeOutboundPorts: 'mysql' }), /"code":100/);
        assert.equal(rules(await saved(ground.mesh.pod, backend)), '');
        for (const family of ['ipv4', 'ipv6'] as const) {
          assert.deepEqual(await waysTaken(untouched, family, ground), untouched);
        }
      });

      it('redirects the traffic of the pod', async () => {
        await add('web-0', { excludeOutboundPorts: '9000' });
        for (const family of ['ipv4', 'ipv6'] as const) {
          assert.deepEqual(await waysTaken(redirected, family, ground), redirected);
        }
      });
    });
  }
}

function meshedPod(
  name: string,
  mode: InterceptionMode,
  settings: Readonly<Record<string, string>>,
): V1Pod & AgentPod {
  const annotations = {
    ...traffic(settings).annotations,
    'sidecar.istio.io/interceptionMode': mode,
  };
  const pod = v1Pod({ name, annotations, env: { ISTIO_META_DNS_CAPTURE: 'true' } });
  return { ...pod, metadata: { ...pod.metadata, uid: `uid-of-${name}` } };
}

/** The peer's netns stands for the runtime's own. */
function runtime(
  { mesh }: Ground,
  { directory, backend }: { readonly directory: string; readonly backend: Backend },
): Runtime {
  const plugin = {
    type: 'sluice-cni',
    capabilities: { 'io.kubernetes.cri.pod-annotations': true },
    agentSocket: `${directory}/agent.sock`,
    stateDir: `${directory}/state`,
    backend,
  };
  const conflist = { cniVersion: '1.1.0', name: 'net', plugins: [plugin] };
  return { node: mesh.peer, conflist, path: [join(import.meta.dirname, '../../dist')] };
}

function attachment(
  { mesh }: Ground,
  { namespace, name, uid, annotations }: (V1Pod & AgentPod)['metadata'],
): Attachment {
  return {
    containerId: name,
    ifName: 'eth0',
    netns: mesh.pod.path,
    args: { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name, K8S_POD_UID: uid },
    runtimeConfig: { 'io.kubernetes.cri.pod-annotations': annotations },
  };
}

function rules(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('-A'))
    .join('\n');
}
