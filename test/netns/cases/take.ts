import assert from 'node:assert/strict';
import { type InterceptionMode } from '../../../cni/redirect/mode.ts';
import { type Backend } from '../../../cni/kernel/tools.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { createGround, redirect } from '../../support/ground.ts';
import { hasRoot } from '../../support/scratch.ts';
import { type SidecarOptions } from '../../support/sidecar.ts';
import { type Ground, travel, type Trip } from '../../support/trips.ts';
import { type Case, type Cases } from './case.ts';

interface Options extends SidecarOptions {
  readonly mode: InterceptionMode;
  readonly backend: Backend;
}

const both = ['ipv4', 'ipv6'] as const;

/** Tests that traffic takes these ways: each case's rules replace those of the one before. */
export function takeTrips(groups: Readonly<Record<string, Cases>>, options: Options): void {
  const cleanup = createCleanup();
  let ground: Ground;

  before(async function () {
    if (!hasRoot()) this.skip();
    ground = await createGround(cleanup, options);
  });
  after(() => cleanup.run());

  for (const [group, cases] of Object.entries(groups)) {
    for (const [name, { pod, ways, families = both }] of Object.entries(cases)) {
      describe(`${group}, ${name}`, () => {
        before(async () => {
          await redirect(ground.mesh.pod, options.backend, withMode(pod, options.mode));
        });

        for (const family of families) {
          it(family, async () => {
            assert.deepEqual(await waysTaken(ways, family, ground), ways);
          });
        }
      });
    }
  }
}

/** The same trips with the ways that they take. */
export async function waysTaken(
  ways: Case['ways'],
  family: (typeof both)[number],
  ground: Ground,
): Promise<Record<string, string>> {
  const taken: Record<string, string> = {};
  for (const trip of Object.keys(ways) as Trip[]) taken[trip] = await travel(trip, family, ground);
  return taken;
}

function withMode(pod: Case['pod'], mode: InterceptionMode): Case['pod'] {
  return {
    ...pod,
    annotations: { ...pod.annotations, 'sidecar.istio.io/interceptionMode': mode },
  };
}
