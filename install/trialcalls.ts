import { isJsonObject } from '../cni/spec/json.ts';
import { type Entry } from './conflist.ts';

/** One run of an executable on trial. */
export interface TrialCall {
  readonly verb: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  /** @throws {Error} when this is not what it has to say */
  readonly expects: (stdout: string) => void;
}

const NAME = 'sluice-trial';
const CNI_VERSION = '1.0.0';
const ANNOTATIONS = { 'sidecar.istio.io/status': '{}' };
const PREVIOUS = { cniVersion: CNI_VERSION, interfaces: [], ips: [] };

/** A meshed pod like any other. */
export const TRIAL_POD = {
  metadata: {
    name: NAME,
    namespace: NAME,
    uid: NAME,
    resourceVersion: '1',
    labels: {},
    annotations: ANNOTATIONS,
  },
  spec: {
    containers: [{ name: 'app' }, { name: 'istio-proxy', args: ['proxy', 'sidecar'] }],
    initContainers: [],
  },
};

/** The runs in their order; each has to succeed for the next to mean anything. */
export function trialCalls(entry: Entry, netns: string): TrialCall[] {
  const attachment = {
    CNI_CONTAINERID: NAME,
    CNI_NETNS: netns,
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/opt/cni/bin',
    CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${NAME};K8S_POD_NAME=${NAME};K8S_POD_UID=${NAME}`,
  };
  const input = JSON.stringify({
    ...entry,
    cniVersion: CNI_VERSION,
    name: NAME,
    runtimeConfig: { 'io.kubernetes.cri.pod-annotations': ANNOTATIONS },
    prevResult: PREVIOUS,
  });
  const call = (verb: string, expects: TrialCall['expects']): TrialCall => ({
    verb,
    env: { CNI_COMMAND: verb, ...attachment },
    input,
    expects,
  });
  return [
    {
      verb: 'VERSION',
      env: { CNI_COMMAND: 'VERSION' },
      input: JSON.stringify({ cniVersion: CNI_VERSION }),
      expects: supports,
    },
    call('ADD', passesOn),
    call('CHECK', saysNothing),
    call('DEL', saysNothing),
  ];
}

function supports(stdout: string): void {
  const value: unknown = JSON.parse(stdout);
  const versions = isJsonObject(value) ? value.supportedVersions : undefined;
  if (Array.isArray(versions) && versions.includes(CNI_VERSION)) return;
  throw new Error(`wanted a plugin that supports ${CNI_VERSION}`);
}

function passesOn(stdout: string): void {
  const value: unknown = JSON.parse(stdout);
  if (isJsonObject(value) && value.cniVersion === CNI_VERSION && Array.isArray(value.ips)) return;
  throw new Error('wanted the result of the plugin before it');
}

function saysNothing(stdout: string): void {
  if (stdout !== '') throw new Error('wanted no output');
}
