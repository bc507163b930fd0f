import {
  EXCLUDE_INBOUND_PORTS,
  EXCLUDE_INTERFACES,
  EXCLUDE_OUTBOUND_PORTS,
  EXCLUDE_OUTBOUND_RANGES,
  INCLUDE_INBOUND_PORTS,
  INCLUDE_OUTBOUND_PORTS,
  INCLUDE_OUTBOUND_RANGES,
  INTERCEPTION_MODE,
  STATUS,
} from '../../cni/redirect/annotations.ts';
import { type PodFacts } from '../../cni/redirect/pod.ts';
import { type Arguments, type Option } from '../command.ts';
import { type Account } from './account.ts';

/** What a pod would say in an annotation. */
const ANNOTATIONS: Readonly<Record<string, string>> = {
  mode: INTERCEPTION_MODE,
  'include-inbound-ports': INCLUDE_INBOUND_PORTS,
  'exclude-inbound-ports': EXCLUDE_INBOUND_PORTS,
  'include-outbound-ranges': INCLUDE_OUTBOUND_RANGES,
  'exclude-outbound-ranges': EXCLUDE_OUTBOUND_RANGES,
  'include-outbound-ports': INCLUDE_OUTBOUND_PORTS,
  'exclude-outbound-ports': EXCLUDE_OUTBOUND_PORTS,
  'exclude-interfaces': EXCLUDE_INTERFACES,
};

const VALIDATION = 'istio-validation';
/** What a pod would say in the arguments of the container that checks its redirection. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'outbound-port': '-p',
  'inbound-port': '-z',
  'tunnel-port': '-e',
};

/** The same values as the pod settings of the README take. */
export const PLAN_OPTIONS: Readonly<Record<string, Option>> = {
  'proxy-user': {
    type: 'string',
    value: '<name|uid>',
    meaning: 'as whom the sidecar runs; 1337 by default',
  },
  'proxy-group': { type: 'string', value: '<gid>', meaning: "its group; that user's, or 1337" },
  mode: { type: 'string', words: ['REDIRECT', 'TPROXY'], meaning: 'REDIRECT by default' },
  dns: { type: 'boolean', meaning: 'send DNS to the sidecar (15053)' },
  'include-inbound-ports': { type: 'string', value: '<ports>', meaning: 'captured; * by default' },
  'exclude-inbound-ports': { type: 'string', value: '<ports>', meaning: 'left alone, e.g. 22' },
  'include-outbound-ranges': {
    type: 'string',
    value: '<cidrs>',
    meaning: 'captured; * by default',
  },
  'exclude-outbound-ranges': { type: 'string', value: '<cidrs>', meaning: 'left alone' },
  'include-outbound-ports': {
    type: 'string',
    value: '<ports>',
    meaning: 'captured beside the ranges',
  },
  'exclude-outbound-ports': { type: 'string', value: '<ports>', meaning: 'left alone' },
  'exclude-interfaces': { type: 'string', value: '<names>', meaning: 'left alone' },
  'outbound-port': {
    type: 'string',
    value: '<port>',
    meaning: 'where the sidecar takes what leaves; 15001',
  },
  'inbound-port': {
    type: 'string',
    value: '<port>',
    meaning: 'where it takes what comes in; 15006',
  },
  'tunnel-port': { type: 'string', value: '<port>', meaning: 'its HBONE port, left alone; 15008' },
};

/** The host as a pod of one sidecar would describe itself, so that `decide` makes the same plan of it. */
export function hostFacts({ text, flag }: Arguments, { uid, gid }: Account): PodFacts {
  const given = (options: Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(options).flatMap(([option, key]) => {
      const value = text(option);
      return value === undefined ? [] : [[key, value]];
    });
  const plain = { runAsUser: undefined, runAsGroup: undefined };
  const env = flag('dns') ? [{ name: 'ISTIO_META_DNS_CAPTURE', value: 'true' }] : [];
  return {
    namespace: 'host',
    name: 'host',
    uid: undefined,
    labels: {},
    annotations: { [STATUS]: '{}', ...Object.fromEntries(given(ANNOTATIONS)) },
    ...plain,
    containers: [
      {
        name: 'istio-proxy',
        init: false,
        args: ['proxy', 'sidecar'],
        env,
        runAsUser: uid,
        runAsGroup: gid,
      },
      { name: VALIDATION, init: true, args: given(ARGUMENTS).flat(), env: [], ...plain },
    ],
  };
}

/** What the plan says of a pod, in the words of these options. */
export function inOptions(text: string): string {
  const words = [
    ...Object.entries(ANNOTATIONS).map(([option, key]) => [`annotation ${key}`, option] as const),
    ...Object.entries(ARGUMENTS).map(
      ([option, flag]) => [`argument ${flag} of container ${VALIDATION}`, option] as const,
    ),
  ];
  return words.reduce((said, [found, option]) => said.replaceAll(found, `--${option}`), text);
}
