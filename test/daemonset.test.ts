import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMap, isNode, isScalar, isSeq, type Node, parseAllDocuments, visit } from 'yaml';
import { readConfig } from '../agent/config.ts';
import { VARIABLES } from '../agent/variables.ts';

const documents = parseAllDocuments(readFileSync('DaemonSet.yaml', 'utf8'));

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly roleRef?: { readonly name: string };
  readonly rules?: readonly (Readonly<Record<'apiGroups' | 'resources' | 'verbs', string[]>> & {
    readonly resourceNames?: readonly string[];
  })[];
}

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly containers: readonly [Container];
    readonly volumes: readonly { readonly name: string; readonly hostPath: { path: string } }[];
  };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

interface DaemonSetSpec {
  readonly updateStrategy: unknown;
  readonly template: Template;
}

const manifests = documents.map((document) => document.toJS() as Manifest);
const daemonSet = documents[manifests.findIndex(({ kind }) => kind === 'DaemonSet')];
const { spec } = daemonSet?.toJS() as { readonly spec: DaemonSetSpec };
const { template } = spec;
const [agent] = template.spec.containers;

describe('DaemonSet.yaml', () => {
  for (const key of ['verbs', 'add', 'volumeMounts', 'hostPath', 'tolerations', 'nodeSelector']) {
    it(`has a reason beside each of ${key}`, () => {
      const items = itemsUnder(key);
      assert.ok(items.length > 0);
      assert.deepEqual(items.filter((item) => !hasReason(item)).map(String), []);
    });
  }

  it('holds these objects, all of the same namespace', () => {
    assert.deepEqual(
      manifests.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace].join(' ')),
      [
        'Namespace sluice-system ',
        'ServiceAccount sluice-agent sluice-system',
        'ClusterRole sluice-agent ',
        'ClusterRoleBinding sluice-agent ',
        'Role sluice-agent sluice-system',
        'RoleBinding sluice-agent sluice-system',
        'DaemonSet sluice-agent sluice-system',
        'ClusterRole sluice-agent-taint ',
        'ClusterRole sluice-agent-delete ',
        'ClusterRole sluice-agent-label ',
      ],
    );
  });

  it('grants nothing that changes an object but Events', () => {
    assert.deepEqual(
      rulesOf(({ metadata }) => metadata.name === 'sluice-agent'),
      [
        'list,watch,get pods',
        'create,patch events',
        'get,watch daemonsets sluice-agent',
        'get namespaces sluice-system',
      ],
    );
  });

  it('binds nobody to the rights that only some want', () => {
    assert.deepEqual(
      rulesOf(({ metadata }) => metadata.name !== 'sluice-agent'),
      ['get,patch nodes', 'create pods/eviction', 'patch pods/status'],
    );
    const bound = manifests.flatMap(({ roleRef }) => roleRef?.name ?? []);
    assert.deepEqual(bound, ['sluice-agent', 'sluice-agent']);
  });

  it('shares nothing with the host but directories', () => {
    assert.equal(agent.securityContext.privileged, false);
    assert.equal(agent.securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual((agent.securityContext.capabilities as { readonly drop: unknown }).drop, [
      'ALL',
    ]);
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
      assert.ok(!(key in template.spec), key);
  });

  it('runs on every node, before others, under the default seccomp profile', () => {
    const { tolerations, priorityClassName, nodeSelector, securityContext } = template.spec;
    assert.deepEqual(tolerations, [{ operator: 'Exists' }]);
    assert.equal(priorityClassName, 'system-node-critical');
    assert.deepEqual(nodeSelector, { 'kubernetes.io/os': 'linux' });
    const { seccompProfile } = securityContext as { readonly seccompProfile: unknown };
    assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' });
    assert.ok(!('seccompProfile' in agent.securityContext));
  });

  it('has a new agent on a node before the old one goes', () => {
    assert.deepEqual(spec.updateStrategy, {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '10%', maxUnavailable: 0 },
    });
  });

  it('is probed where the agent answers, and asks for what it needs', () => {
    assert.equal(agent.readinessProbe.httpGet.path, '/readyz');
    assert.equal(agent.livenessProbe.httpGet.path, '/healthz');
    assert.deepEqual(Object.keys(agent.resources.requests), ['cpu', 'memory']);
    assert.deepEqual(Object.keys(agent.resources.limits), ['memory']);
  });

  it('mounts each directory at its path on the node but /proc, and no others', () => {
    assert.deepEqual(
      agent.volumeMounts.map(({ name, mountPath }) => [name, mountPath.replace(/^\/host/, '')]),
      template.spec.volumes.map(({ name, hostPath }) => [name, hostPath.path]),
    );
  });

  it('mounts what the agent uses by default', () => {
    const SLUICE_PROC_DIR = agent.env.find(({ name }) => name === 'SLUICE_PROC_DIR')?.value;
    const { socketPath, stateDir, census } = readConfig({ NODE_NAME: 'node-1', SLUICE_PROC_DIR });
    const mounted = agent.volumeMounts.map(({ mountPath }) => mountPath);
    for (const path of [dirname(socketPath), stateDir, census.procDir, census.resultsDir])
      assert.ok(mounted.includes(path), path);
  });

  it('sets variables that the agent reads', () => {
    const read = ['POD_IP', ...Object.keys(VARIABLES)];
    assert.deepEqual(
      agent.env.map(({ name }) => name).filter((name) => !read.includes(name)),
      [],
    );
  });

  for (const host of ['10.0.0.7', 'fd00::7']) {
    it(`lets the agent listen where kubelet's probes come to, ${host}`, () => {
      const value = agent.env.find(({ name }) => name === 'SLUICE_ADDRESS')?.value ?? '';
      const SLUICE_ADDRESS = value.replace('$(POD_IP)', host);
      const port = agent.ports[0]?.containerPort;
      assert.deepEqual(readConfig({ NODE_NAME: 'n', SLUICE_ADDRESS }).address, { host, port });
    });
  }
});

function rulesOf(isWanted: (manifest: Manifest) => boolean): string[] {
  return manifests
    .filter(isWanted)
    .flatMap(({ rules = [] }) => rules)
    .map(({ verbs, resources, resourceNames = [] }) =>
      [verbs.join(), ...resources, ...resourceNames].join(' '),
    );
}

/** The items of each list of this name, and each map. */
function itemsUnder(key: string): Node[] {
  const items: unknown[] = [];
  for (const document of documents) {
    visit(document, {
      Pair(_, { key: name, value }) {
        if (!isScalar(name) || name.value !== key) return;
        items.push(...(isSeq(value) ? value.items : [value]));
      },
    });
  }
  return items.filter((item) => isNode(item));
}

/** Behind it or, where it is a map, behind one of its values. */
function hasReason(item: unknown): boolean {
  if (isMap(item)) return item.items.some(({ value }) => hasReason(value));
  return isNode(item) && /[a-z]/.test(item.comment ?? '');
}
