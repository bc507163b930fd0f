import { join } from 'node:path';
import { type OwnKey } from '../cni/spec/keys.ts';
import { PLUGIN } from './entry.ts';
import { type Credential } from './kubeconfig.ts';
import { type Mode } from './observed.ts';

/** Where things are and belong, as the agent sees them. */
export interface InstallConfig {
  /** The CNI configuration directory. */
  readonly netDir: string;
  /** The CNI bin dir. */
  readonly binDir: string;
  /** The same on the node and for the agent, and so is the socket. */
  readonly stateDir: string;
  readonly agentSocket: string;
  /** The executable that belongs into the CNI bin dir. */
  readonly source: string;
  readonly mode: Mode;
  /** The name of a list of our own; it must sort before the primary. */
  readonly ownList: string;
  /** Keys of our entry, beside those that follow from the rest. */
  readonly keys: Readonly<Partial<Record<OwnKey, unknown>>>;
  /** For `apiFallback`; without it, no credential of ours lies on the node. */
  readonly credential: Credential | undefined;
}

/** Sorts before `00-…`, `05-…` and every letter, because `-` is less than a digit. */
export const OWN_LIST = '0-sluice.conflist';

export function executablePath({ binDir }: Pick<InstallConfig, 'binDir'>): string {
  return join(binDir, PLUGIN);
}

export function leasePath({ stateDir }: Pick<InstallConfig, 'stateDir'>): string {
  return join(stateDir, 'installer.json');
}

/** Not in `/run`: a node that reboots while the API server is away needs it. */
export function kubeconfigPath({ stateDir }: Pick<InstallConfig, 'stateDir'>): string {
  return join(stateDir, 'kubeconfig');
}
