import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCleanup } from '../support/cleanup.ts';
import { clear } from './clear.ts';
import { type ClusterNode, NODE_NAMES, startNode } from './node.ts';
import { type Plane, startPlane } from './plane.ts';
import { findPrograms } from './programs.ts';
import { noteTest, writeReport } from './report.ts';
import { say, untilTrue } from './until.ts';
import { versions } from './versions.ts';

/** A real Kubernetes with two nodes, whose container runtime knows the image `sluice:dev`. */
export interface Cluster {
  readonly plane: Plane;
  readonly nodes: readonly [ClusterNode, ClusterNode];
  readonly kubectl: Plane['kubectl'];
}

/**
 * One for all scenarios of this run. Where it cannot be, `this.skip()` and a line that says why.
 *
 * @param undo what the scenario changed beside its pods, which go in any case
 */
export function cluster(undo?: (cluster: Cluster) => Promise<void>): () => Cluster {
  let found: Cluster | undefined;
  before(async function () {
    this.timeout(300_000);
    shared ??= create();
    const result = await shared;
    if ('missing' in result) {
      say(`skipped: ${result.missing}`);
      this.skip();
    }
    found = result;
  });
  after(async function () {
    this.timeout(90_000);
    if (!found) return;
    await undo?.(found);
    await clear(found);
  });
  return () => {
    if (!found) throw new Error('cannot use the cluster: it was not started');
    return found;
  };
}

const cleanup = createCleanup();
let shared: Promise<Cluster | { readonly missing: string }> | undefined;
// This is loaded outside of any describe: of all of them.
afterEach(async function () {
  noteTest(this);
  if (this.currentTest?.state === 'failed') await tellMore();
});
after(async function () {
  this.timeout(60_000);
  const result = await shared?.catch(() => undefined);
  if (result && 'nodes' in result) await writeReport(await versions(result.kubectl));
  await cleanup.run();
});

/** What whoever reads of a failure would ask next. */
async function tellMore(): Promise<void> {
  const result = await shared?.catch(() => undefined);
  if (!result || 'missing' in result) return;
  const questions = ['get pods -A -o wide', 'get events -A --sort-by=.lastTimestamp'];
  for (const question of questions) {
    const answer = await result.kubectl(question.split(' ')).catch(String);
    say(answer.split('\n').slice(-25).join('\n'));
  }
}

async function create(): Promise<Cluster | { readonly missing: string }> {
  const programs = await findPrograms();
  if ('missing' in programs) return programs;
  say('starting the control plane ...');
  const plane = await startPlane(programs.kubernetes, ownDirectory(), NODE_NAMES);
  cleanup.add(plane.host.stop);
  const start = async (number: number): Promise<ClusterNode> => {
    say(`starting node-${number} ...`);
    const runtime = programs.runtimes[number - 1] ?? programs.runtimes[0];
    const directory = ownDirectory();
    const node = await startNode(plane, { programs, runtime, directory, number });
    cleanup.add(node.host.stop);
    return node;
  };
  const nodes = [await start(1), await start(2)] as const;
  await untilReady(plane);
  return { plane, nodes, kubectl: plane.kubectl };
}

/** The machine makes it, and takes it along however it ends; we might end before there is a machine. */
function ownDirectory(): string {
  return join(tmpdir(), `sluice-${randomBytes(6).toString('hex')}`);
}

async function untilReady({ kubectl }: Plane): Promise<void> {
  const path = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
  await untilTrue('both nodes are Ready', async () => {
    const answer = await kubectl(['get', 'nodes', `--output=jsonpath=${path}`]);
    return answer === 'True True';
  });
  await untilTrue('namespace default has its service account', async () => {
    const found = await kubectl(['get', 'serviceaccount', 'default', '--ignore-not-found']);
    return found !== '';
  });
}
