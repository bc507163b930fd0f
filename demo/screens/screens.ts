/** A command that is shown, and what is to be seen. */
export interface Screen {
  readonly name: string;
  readonly title: string;
  /** Behind `sluice`; what stands there for people and is run. */
  readonly command: string;
}

/** While all is as it should be. */
export const WHOLE: readonly Screen[] = [
  { name: 'help', title: 'All commands', command: '--help' },
  { name: 'status', title: 'Can this node serve an ADD?', command: 'status' },
  { name: 'check', title: 'What must a node have?', command: 'check --pre' },
  { name: 'explain', title: 'Why is a pod redirected?', command: 'explain demo/meshed-0' },
  { name: 'explain-skipped', title: 'Why is a pod left alone?', command: 'explain unmeshed-0' },
  { name: 'unknown', title: 'A name that is not quite right', command: 'explain demo/mesh-0' },
  { name: 'rules', title: 'What do the rules say?', command: 'rules demo/meshed-0' },
  {
    name: 'trace',
    title: 'What becomes of a packet?',
    command: 'trace demo/meshed-0 --out --proto tcp --dst 198.51.100.10:5432',
  },
  { name: 'verify', title: 'Does it really work?', command: 'verify demo/meshed-0' },
  { name: 'census', title: 'Are all pods as they should be?', command: 'census' },
  { name: 'history', title: 'What has the runtime asked for?', command: 'history' },
  { name: 'conflist', title: 'What does the runtime load?', command: 'conflist' },
  {
    name: 'simulate',
    title: 'What would become of a manifest, and what did its istio-init do?',
    command: 'simulate -f deployment.yaml --against init',
  },
];

/** After somebody has flushed the IPv6 rules of the meshed pod. */
export const BROKEN: readonly Screen[] = [
  { name: 'census-broken', title: 'A pod that leaks IPv6', command: 'census --problems' },
  { name: 'diff-broken', title: 'What differs?', command: 'diff demo/meshed-0' },
  { name: 'repair-dry-run', title: 'What would a repair do?', command: 'repair --all --dry-run' },
  { name: 'repair', title: 'Repaired', command: 'repair demo/meshed-0' },
];
