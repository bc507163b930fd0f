/** What is wrong, or odd, with the network configuration; the ID is stable. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: 'problem' | 'warning' | 'note';
  /** Relative to the CNI configuration directory; undefined where it is about no file. */
  readonly file: string | undefined;
  readonly message: string;
  /** What to do about it. */
  readonly next: string;
}

export type FindingId = keyof typeof SEVERITIES;

/** A problem keeps pods from starting, or from being redirected. */
const SEVERITIES = {
  'no-configuration': 'problem',
  'first-broken': 'problem',
  'entry-missing': 'problem',
  'entry-not-last': 'problem',
  'entry-twice': 'problem',
  'entry-wrong': 'problem',
  'executable-missing': 'problem',
  'kubeconfig-missing': 'problem',
  'bin-dir-missing': 'warning',
  'capability-missing': 'warning',
  'key-unknown': 'warning',
  'later-broken': 'warning',
  'entry-elsewhere': 'warning',
  'drop-in-unused': 'warning',
  'same-network': 'warning',
  'other-mesh': 'warning',
  'generated-stale': 'warning',
  'writable-by-others': 'warning',
  'renamed-by-owner': 'note',
  delegates: 'note',
  leftover: 'note',
} as const satisfies Readonly<Record<string, Finding['severity']>>;

const NEXT: Readonly<Record<FindingId, string>> = {
  'no-configuration': 'install the main CNI: Sluice chains to one',
  'first-broken': 'let its owner write it again, or remove it: containerd loads nothing before',
  'entry-missing': 'see whether the agent runs and is ready: it puts the entry there',
  'entry-not-last': 'let the agent put it last: what comes behind it may undo addresses or rules',
  'entry-twice': 'let the agent put it right: each pod is programmed twice',
  'entry-wrong': 'correct the key: meshed pods do not start',
  'executable-missing':
    'install it, or set SLUICE_CNI_BIN_DIR to where the runtime looks for plugins',
  'bin-dir-missing': 'set SLUICE_CNI_BIN_DIR to where the runtime looks for plugins',
  'kubeconfig-missing': 'see whether the agent runs with SLUICE_API_FALLBACK: it writes it',
  'capability-missing':
    'add it: without it the runtime passes no annotations, and every pod asks the agent',
  'key-unknown': 'correct or remove the key: it has no effect',
  'later-broken': 'correct or remove it: it is loaded when the files before it go',
  'entry-elsewhere': 'let the agent or `uninstall` remove it: no runtime loads it',
  'drop-in-unused': 'set "loadOnlyInlinedPlugins" to false, or use another mode',
  'same-network': 'see which one its owner writes now, and remove the other',
  'other-mesh': 'remove one of both: traffic may be redirected twice',
  'generated-stale': 'see whether the agent runs: it makes the list again when the primary changes',
  'writable-by-others': 'take the right away: whoever writes it runs programs as root',
  'renamed-by-owner': 'nothing, if Cilium is to be the only CNI (cni.exclusive)',
  delegates: 'look at the networks that it delegates to as well: they are not in the list',
  leftover: 'nothing: no runtime reads it; remove it if nobody needs it',
};

export function finding(id: FindingId, file: string | undefined, message: string): Finding {
  return { id, severity: SEVERITIES[id], file, message, next: NEXT[id] };
}
