/** All that a decision may know of a pod, whatever source it came from. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
  /** Ordinary and init containers alike: a native sidecar is an init container. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly init: boolean;
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
}

/** `value` is undefined where the manifest says `valueFrom`: known to be set, not to what. */
export interface EnvVar {
  readonly name: string;
  readonly value: string | undefined;
}
