import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AttachmentRecord } from '../../cni/attachment.ts';
import { listRecords } from '../../cni/record.ts';
import { type FakeAgent, serveAgent } from './agent.ts';
import { injected } from './call.ts';
import { type Conflist, type PluginConf } from './chain.ts';
import { createCleanup } from './cleanup.ts';
import { type Cnitool, prepareCnitool, type Ran, runCnitool, type Verb } from './cnitool.ts';
import { scratchDirectory, scratchName } from './ground.ts';
import { provideLibcni, say } from './libcni.ts';
import { createNetns, type Netns, removeNetns } from './netns.ts';
import { v1Pod } from './pod.ts';
import { hasRoot } from './scratch.ts';

/** A node whose runtime is the real libcni, for the tests of this `describe`. */
export interface CniNode {
  readonly netns: () => Netns;
  /** Every user may enter it. */
  readonly directory: () => string;
  /** The netns of another pod; each is default/web-0 to the agent, and meshed. */
  readonly pod: () => Promise<Netns>;
  /** The annotations are what the runtime passes; without them, an injected pod's. */
  readonly cnitool: (verb: Verb, pod: Netns, annotations?: Annotations) => Promise<Ran>;
  readonly record: (pod: Netns) => AttachmentRecord | undefined;
  readonly agent: () => FakeAgent;
  /** Lets libcni forget what it has added. */
  readonly forget: () => Promise<void>;
}

type Annotations = Readonly<Record<string, string>>;

interface Options {
  /** Up to 1.0.0 with Debian's plugins; they refuse 1.1.0, which comes with newer ones. */
  readonly cniVersion: '1.0.0' | '1.1.0';
  /** What is in the folder of configurations, by file name; usually one file with the whole chain. */
  readonly files?: (primary: Conflist, own: PluginConf) => Readonly<Record<string, object>>;
}

export const gateways = { ipv4: '10.88.0.1', ipv6: 'fd00:10:88::1' } as const;

/** Without Go, `this.skip()` and a line that says so. */
export function cniNode({ cniVersion, files = inOneFile }: Options): CniNode {
  const cleanup = createCleanup();
  let made: Cnitool;
  let agent: FakeAgent;
  // Debian's portmap cannot CHECK a mapped port of a pod with both families: it looks for the
  // IPv4 rules among those of IPv6.
  const portMappings =
    cniVersion === '1.1.0' ? [{ hostPort: 18080, containerPort: 8080, protocol: 'tcp' }] : [];

  const makeNetns = (): Promise<Netns> => {
    const name = scratchName();
    cleanup.add(() => removeNetns(name));
    return createNetns(name);
  };
  before(async function () {
    this.timeout(600_000);
    if (!hasRoot()) this.skip();
    const libcni = await provideLibcni();
    if ('missing' in libcni) {
      say(`skipped: ${libcni.missing}`);
      this.skip();
    }
    const directory = await scratchDirectory(cleanup);
    await prepareCnitool(directory);
    const own = ownEntry(directory);
    await writeFiles(join(directory, 'net.d'), files(primary(cniVersion, directory), own));
    const known = v1Pod();
    const metadata = { ...known.metadata, uid: 'uid-1' };
    agent = await serveAgent(`${directory}/agent.sock`, [{ ...known, metadata }]);
    cleanup.add(agent.close);
    made = {
      node: await makeNetns(),
      network,
      directory,
      cnitool: join(libcni.directory, 'cnitool'),
      path: [cniVersion === '1.1.0' ? libcni.directory : '/usr/lib/cni'],
    };
  });
  after(() => cleanup.run());

  return {
    netns: () => made.node,
    directory: () => made.directory,
    pod: makeNetns,
    cnitool: (verb, pod, annotations = injected) => {
      const capabilities = { 'io.kubernetes.cri.pod-annotations': annotations, portMappings };
      return runCnitool(made, { verb, pod, capabilities });
    },
    record: ({ path }) =>
      listRecords(join(made.directory, 'state')).find(({ netns }) => netns.path === path),
    agent: () => agent,
    forget: () => rm(join(made.directory, 'lib/cni/results'), { recursive: true }),
  };
}

const network = 'libcni-test';

function inOneFile(primary: Conflist, own: PluginConf): Readonly<Record<string, object>> {
  return { '10-test.conflist': { ...primary, plugins: [...primary.plugins, own] } };
}

/** What a node has before Sluice comes. */
function primary(cniVersion: string, directory: string): Conflist {
  const ipam = {
    type: 'host-local',
    dataDir: `${directory}/ipam`,
    ranges: [[{ subnet: '10.88.0.0/24' }], [{ subnet: 'fd00:10:88::/64' }]],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  };
  return {
    cniVersion,
    name: network,
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function ownEntry(directory: string): PluginConf {
  return {
    type: 'sluice-cni',
    capabilities: { 'io.kubernetes.cri.pod-annotations': true },
    agentSocket: `${directory}/agent.sock`,
    stateDir: `${directory}/state`,
  };
}

async function writeFiles(
  directory: string,
  files: Readonly<Record<string, object>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(content));
  }
}
