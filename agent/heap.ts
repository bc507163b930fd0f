import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Lets the heap grow only as far as it must; to be called before anything is allocated.
 *
 * By default V8 takes what it may, and on each node what start, list and watch have left was more than all pods and code.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}

/**
 * Gives what start and the first list have left back to the node, once, some seconds later. It takes some 30 ms.
 *
 * V8 itself does so only when memory is short.
 */
export function shrinkHeapAfter(ms: number): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options: object) => void;
    setFlagsFromString('--no-expose-gc');
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, ms).unref();
}
