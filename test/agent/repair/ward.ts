import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PodState } from '../../../agent/census/finding.ts';
import { openEyes } from '../../../agent/census/look/look.ts';
import { createLocate, type Locate } from '../../../agent/census/netns/locate.ts';
import { podState } from '../../../agent/census/state.ts';
import { cutPod, type Pod } from '../../../agent/pod.ts';
import { redirectInPlace } from '../../../agent/repair/inplace.ts';
import { closeNetns } from '../../../cni/kernel/netns.ts';
import { listRecords } from '../../../cni/record.ts';
import { type Cleanup } from '../../support/cleanup.ts';
import { createNetns, type Netns, removeNetns } from '../../support/netns.ts';
import { type PodChanges, v1Pod } from '../../support/pod.ts';
import { scratchName } from '../../support/ground.ts';

/** Where pods are and how they are, by what lies in a node's directories. */
export interface Sight {
  readonly locate: Locate;
  readonly look: (pod: Pod) => Promise<PodState>;
}

export function sightOf(stateDir: string, resultsDir: string): Sight {
  const eyes = openEyes(['/run', '/tmp'], { toolsDir: undefined });
  const locate: Locate = (pod) =>
    createLocate({ records: () => listRecords(stateDir), resultsDir, procDir: '/proc' })(pod);
  return { locate, look: (pod) => podState(pod, { locate, eyes, backend: 'iptables-nft' }) };
}

/** A node with pods that nobody has redirected: each has a netns, and the runtime says which. */
export interface Ward extends Sight {
  readonly stateDir: string;
  readonly resultsDir: string;
  readonly admit: (changes?: PodChanges) => Promise<{ readonly pod: Pod; readonly netns: Netns }>;
  /** Does to it what an ADD of this version would do, but for the record. */
  readonly redirect: (pod: Pod) => Promise<void>;
  /** The API server says that it is gone; its netns may still be there. */
  readonly discharge: (pod: Pod) => void;
  readonly podOf: (uid: string) => Pod | undefined;
  readonly lookAtAll: () => Promise<PodState[]>;
}

export function openWard(cleanup: Cleanup): Ward {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-ward-'));
  cleanup.add(() => {
    rmSync(directory, { recursive: true });
  });
  const [stateDir, resultsDir] = [join(directory, 'state'), join(directory, 'results')];
  mkdirSync(resultsDir);
  const pods = new Map<string, Pod>();
  const { locate, look } = sightOf(stateDir, resultsDir);
  return {
    stateDir,
    resultsDir,
    admit: async (changes = {}) => {
      const name = scratchName();
      const netns = await createNetns(name);
      cleanup.add(() => removeNetns(name));
      const pod = cutPod({ ...v1Pod({ uid: name, ...changes }), status: { phase: 'Running' } });
      pods.set(pod.metadata.uid, pod);
      writeFileSync(join(resultsDir, `net-${name}-eth0`), renderResult(pod, netns));
      return { pod, netns };
    },
    redirect: async (pod) => {
      const { expected } = await look(pod);
      const found = await locate(pod);
      assert.ok(expected.action === 'redirect' && found);
      const places = { backend: 'iptables-nft', doubled: undefined, toolsDir: undefined } as const;
      await redirectInPlace(found.netns, expected.rules, places);
      closeNetns(found.netns);
    },
    discharge: ({ metadata }) => {
      pods.delete(metadata.uid);
    },
    podOf: (uid) => pods.get(uid),
    locate,
    look,
    lookAtAll: () => Promise.all([...pods.values()].map(look)),
  };
}

/** What libcni keeps of an ADD. */
function renderResult({ metadata }: Pod, { name, path }: Netns): string {
  return JSON.stringify({
    kind: 'cniCacheV1',
    containerId: name,
    ifName: 'eth0',
    networkName: 'net',
    netns: path,
    cniArgs: [
      ['K8S_POD_NAMESPACE', metadata.namespace],
      ['K8S_POD_NAME', metadata.name],
      ['K8S_POD_UID', metadata.uid],
    ],
  });
}
