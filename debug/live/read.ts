import { join } from 'node:path';
import { iptables } from '../../cni/kernel/iptables.ts';
import { execInNetns, type Kernel } from '../../cni/kernel/kernel.ts';
import { asksNameService } from '../../cni/kernel/nameservice.ts';
import { type Netns } from '../../cni/kernel/netns.ts';
import { toolboxBeside } from '../../cni/kernel/place.ts';
import { readRoutes, type Routes } from '../../cni/kernel/routes.ts';
import { type Backend, findProgram, findTools, programOf } from '../../cni/kernel/tools.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { parseSaved, type SavedTables } from '../../cni/rules/saved.ts';
import { VERSION } from '../../cni/version.ts';
import { PLUGIN } from '../../install/entry.ts';
import { couldNotTell, type Place } from '../command.ts';
import { parsePolicies } from '../trace/policies.ts';
import { type Policies } from '../trace/walk.ts';

/** What one backend holds of one family. */
export interface LiveTables {
  readonly backend: Backend;
  readonly tables: SavedTables;
  readonly policies: Policies;
}

export interface LiveFamily {
  /** Of the backends, those that were looked into: legacy tables come into being when they are. */
  readonly backends: readonly LiveTables[];
  readonly routes: Routes;
}

export interface Live extends Readonly<Record<Family, LiveFamily>> {
  /** Tables of nftables itself, which no iptables program lists: `inet firewall`. */
  readonly foreignTables: readonly string[];
}

const TIMEOUT_MS = 10_000;
const BACKENDS: readonly Backend[] = ['iptables-nft', 'iptables-legacy'];
const IPTABLES = /^(?:ip|ip6) (?:raw|mangle|nat|filter|security)$/;

/** Reads all rules in a netns, and changes nothing. @throws {CommandError} `unknown` */
export async function readLive(netns: Netns, place: Place): Promise<Live> {
  const kernels = kernelsFor(netns, place);
  try {
    const [ipv4, ipv6, foreignTables] = await Promise.all([
      readFamily(kernels, 'ipv4'),
      readFamily(kernels, 'ipv6'),
      readForeignTables(kernels[0]),
    ]);
    return { ipv4, ipv6, foreignTables };
  } catch (cause) {
    throw couldNotTell(`cannot read the rules in netns "${netns.path}"`, cause);
  }
}

type Kernels = readonly [Kernel, ...Kernel[]];

/** One for each backend that this node has programs of. */
function kernelsFor(netns: Netns, { binDir, toolsDir: given }: Place): Kernels {
  const toolsDir = given ?? toolboxBeside(join(binDir, PLUGIN), VERSION);
  const tools = findTools('auto', toolsDir);
  const backends = BACKENDS.filter((each) =>
    findProgram(programOf(each, 'ipv4', 'save'), tools.place),
  );
  const [first = tools.backend, ...more] = backends;
  const kernel = (backend: Backend): Kernel => ({
    netns,
    tools: { ...tools, backend },
    hideNameService: asksNameService(),
    userNamespace: undefined,
    deadlineAt: performance.now() + TIMEOUT_MS,
  });
  return [kernel(first), ...more.map(kernel)];
}

async function readFamily([first, other]: Kernels, family: Family): Promise<LiveFamily> {
  const routes = await readRoutes(first, { family, tproxyRoute: true });
  const one = await readBackend(first, family);
  if (!other || !one.hasLegacy) return { backends: [one.held], routes };
  return { backends: [one.held, (await readBackend(other, family)).held], routes };
}

async function readBackend(
  kernel: Kernel,
  family: Family,
): Promise<{ readonly held: LiveTables; readonly hasLegacy: boolean }> {
  const { stdout, stderr } = await iptables(kernel, { family, verb: 'save', args: [], input: '' });
  const { backend } = kernel.tools;
  return {
    held: { backend, tables: parseSaved(stdout), policies: parsePolicies(stdout) },
    // iptables-legacy or ip6tables-legacy
    hasLegacy: stderr.includes('tables-legacy tables present'),
  };
}

/** None where there is no `nft` to ask. */
async function readForeignTables(kernel: Kernel): Promise<string[]> {
  const nft = findProgram('nft', kernel.tools.place);
  if (nft === undefined) return [];
  const { stdout } = await execInNetns(kernel, [...nft, 'list', 'tables'], '');
  return [...stdout.matchAll(/^table (\S+ \S+)$/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !IPTABLES.test(name));
}
