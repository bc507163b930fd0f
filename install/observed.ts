import { type Entry } from './conflist.ts';
import { type NetFile } from './netdir.ts';

/** A directory of plugins that libcni 1.3 and later add to the network of the same name. */
export interface DropIns {
  readonly network: string;
  readonly files: readonly NetFile[];
}

/** What is on the node. */
export interface Observed {
  /** Those that the runtime looks at, in its order. */
  readonly files: readonly NetFile[];
  readonly dropIns: readonly DropIns[];
  readonly executable: 'right' | 'different' | 'missing';
  readonly kubeconfig: string | undefined;
}

/** In the primary's list, in a list of our own that sorts first, or in the directory named like the network. */
export type Mode = 'chained' | 'own' | 'drop-in';

/** What is to be on the node. */
export interface Wanted {
  readonly mode: Mode;
  readonly entry: Entry;
  /** The file name of the list of our own. */
  readonly ownList: string;
  /** Undefined if none is wanted. While it cannot be written, the one that is there stays. */
  readonly kubeconfig: { readonly text: string } | { readonly obstacle: string } | undefined;
}

/** Why a step is taken; a metric label too. */
export type Cause =
  | 'executable-missing'
  | 'executable-different'
  | 'credential-missing'
  | 'credential-different'
  | 'entry-missing'
  | 'entry-changed'
  | 'entry-not-last'
  | 'primary-changed'
  | 'left-over';

export type Step =
  | { readonly do: 'install'; readonly cause: Cause }
  | {
      readonly do: 'write';
      readonly place: 'net' | 'kubeconfig';
      /** Relative to the CNI configuration directory; empty for the kubeconfig. */
      readonly name: string;
      readonly text: string;
      /** What was read: if it is not there any more, the step is not taken. Undefined: there was nothing. */
      readonly basedOn: string | undefined;
      readonly cause: Cause;
    }
  | {
      readonly do: 'remove';
      readonly place: 'net' | 'kubeconfig';
      readonly name: string;
      readonly basedOn: string;
      readonly cause: Cause;
    };
