import { ruleWords } from '../../cni/rules/ours.ts';

/** Of an option of the rule: its value, as it stands there; `` if it is not there. */
type Value = (option: string) => string;

/** By the id in the rule's comment. */
const SENTENCES: Readonly<Record<string, (value: Value) => string>> = {
  output: () => 'All outbound traffic is looked at by the rules of ISTIO_OUTPUT',
  inbound: () => 'All inbound TCP is looked at by the rules of ISTIO_INBOUND',
  'tunnel-port': (v) => `Port ${v('--dport')} (HBONE) reaches the sidecar by itself`,
  'exclude-inbound-port': (v) => `Inbound connections to port ${v('--dport')} are excluded`,
  'include-inbound': () => 'All other inbound TCP is captured',
  'include-inbound-port': (v) => `Inbound connections to port ${v('--dport')} are captured`,
  'to-inbound-listener': (v) => `They go to the sidecar's inbound listener, port ${listener(v)}`,
  'to-outbound-listener': (v) => `They go to the sidecar's outbound listener, port ${listener(v)}`,
  'exclude-outbound-port': (v) =>
    v('--dport') === ''
      ? `All outbound ${v('-p').toUpperCase()} is excluded`
      : `Outbound ${v('-p').toUpperCase()} to port ${v('--dport')} is excluded`,
  'exclude-outbound-cidr': (v) => `Outbound traffic to ${v('-d') || 'any address'} is excluded`,
  'include-outbound': () => 'All other outbound TCP is captured',
  'include-outbound-port': (v) =>
    v('--dport') === ''
      ? 'All outbound TCP is captured'
      : `Outbound connections to port ${v('--dport')} are captured`,
  'include-outbound-cidr': (v) =>
    `Outbound connections to ${v('-d') || 'any address'} are captured`,
  'exclude-interface': (v) => `Interface ${v('-i') || v('-o')} is excluded`,
  'virtual-interface': (v) =>
    v('-j') === 'RETURN'
      ? `Nothing else that comes in by ${v('-i')} is captured`
      : `What comes in by ${v('-i')}${v('-d') && ` for ${v('-d')}`} counts as outbound and is captured`,
  'exclude-owner-group': (v) => `Processes of group ${v('--gid-owner')} are excluded`,
  'include-owner-groups': () => 'Processes outside the included groups are left alone',
  passthrough: (v) => `What the sidecar hands to the app, from ${v('-s')}, is left alone`,
  'proxy-to-own-service': (v) =>
    `The sidecar's call to its own Service (uid ${v('--uid-owner')}) passes its inbound side, too`,
  'proxy-group-to-own-service': (v) =>
    `The sidecar's call to its own Service (gid ${v('--gid-owner')}) passes its inbound side, too`,
  'app-to-app': (v) =>
    `What others than the sidecar (uid ${v('--uid-owner')}) send within the pod is left alone`,
  'proxy-uid': (v) =>
    `The sidecar's own traffic (uid ${v('--uid-owner')}) leaves, or it would loop`,
  'proxy-gid': (v) =>
    `The sidecar's own traffic (gid ${v('--gid-owner')}) leaves, or it would loop`,
  loopback: (v) => `What the app sends to ${v('-d')} is left alone`,
  dns: () => 'DNS queries are looked at by the rules of ISTIO_OUTPUT_DNS',
  'dns-udp': (v) => `DNS over UDP goes to the sidecar's DNS listener, port ${listener(v)}`,
  'dns-tcp': (v) => `DNS over TCP goes to the sidecar's DNS listener, port ${listener(v)}`,
  'dns-zone-output': () => 'DNS that leaves is sorted into zones of connection tracking',
  'dns-zone-inbound': () => 'DNS that comes in is sorted into zones of connection tracking',
  'dns-query': (v) =>
    `A query of the app is tracked in zone ${v('--zone')}, apart from the sidecar's`,
  'dns-answer': (v) =>
    `An answer from the nameserver is tracked in zone ${v('--zone')}, with the sidecar's query`,
  'dns-proxy-query': (v) =>
    `A query of the sidecar is tracked in zone ${v('--zone')}, apart from the app's`,
  'dns-proxy-answer': (v) =>
    `An answer of the sidecar is tracked in zone ${v('--zone')}, with the app's query`,
  'established-inbound': (v) =>
    `Of connections${v('--dport') && ` to port ${v('--dport')}`} that the sidecar holds, packets need a mark only`,
  'divert-mark': () => 'They bear mark 1337, which delivers them locally',
  divert: () => 'Nothing more happens to them',
  marked: () => 'What bears mark 1337 is between sidecar and client, and left alone',
  'save-mark': () => 'A connection remembers mark 1337, so that its answers find the sidecar',
  'restore-mark': () => 'Answers of a marked connection bear mark 1337, and go to the sidecar',
  'drop-invalid': () => 'Packets that connection tracking calls invalid are dropped',
};

/** In the mangle table the same ids mean other things. */
const TPROXY: typeof SENTENCES = {
  loopback: () => "Of what the pod sends itself, only the sidecar's calls to its own Service go on",
  'proxy-to-own-service': (v) =>
    `The sidecar's call to its own Service (uid ${v('--uid-owner')}) bears mark 1338, by which its inbound side knows it`,
  'proxy-group-to-own-service': (v) =>
    `The sidecar's call to its own Service (gid ${v('--gid-owner')}) bears mark 1338, by which its inbound side knows it`,
};

/**
 * One sentence of what a rule of ours does, without a stop.
 *
 * @param rule as `iptables-save` prints it behind `-A <chain> `
 * @returns undefined for a rule that is not ours, or of a version that we do not know
 */
export function ruleSentence(table: string, rule: string): string | undefined {
  const words = ruleWords(rule);
  const value: Value = (option) => {
    const at = words.indexOf(option);
    return at === -1 ? '' : (words[at + 1] ?? '');
  };
  const [, id = ''] = /^sluice:(\S+)/.exec(value('--comment')) ?? [];
  const own = table === 'mangle' ? { ...SENTENCES, ...TPROXY } : SENTENCES;
  return Object.hasOwn(own, id) ? own[id]?.(value) : undefined;
}

function listener(value: Value): string {
  return value('--to-ports') || value('--to-port') || value('--on-port');
}
