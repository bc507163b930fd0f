import { causes } from '../../../cni/spec/error.ts';
import { type Cut } from './connections.ts';
import { type Connection, renderConnection } from './sockets.ts';

/** Connections that pass the sidecar by, and what became of them. */
export type Passing =
  | { readonly how: 'kept' | Cut['how']; readonly connections: readonly Connection[] }
  | { readonly how: 'unseen'; readonly why: string };

const MOST_NAMED = 5;

/** Never throws: a pod is redirected also where its connections cannot be looked at. */
export function passing(look: () => Passing): Passing {
  try {
    return look();
  } catch (error) {
    const why =
      error instanceof Error ? [error.message, ...causes(error)].join(': ') : String(error);
    return { how: 'unseen', why };
  }
}

/** Empty where there is nothing to be told. */
export function renderPassing(passed: Passing): string {
  if (passed.how === 'unseen') return `open connections could not be looked at: ${passed.why}`;
  const { how, connections } = passed;
  if (connections.length === 0) return '';
  const named = connections.slice(0, MOST_NAMED).map(renderConnection).join(', ');
  const more = connections.length > MOST_NAMED ? ', …' : '';
  const count =
    connections.length === 1
      ? '1 connection that was opened before'
      : `${connections.length} connections that were opened before`;
  const one = connections.length === 1;
  const fate = {
    kept: one ? 'goes on past the sidecar' : 'go on past the sidecar',
    reset: one ? 'is reset' : 'are reset',
    forgotten: one ? 'ends with its next packet' : 'end with their next packet',
  };
  return `${count} ${fate[how]} (${named}${more})`;
}
