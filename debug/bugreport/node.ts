import { readdir, stat } from 'node:fs/promises';
import { arch, release, version } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../cni/version.ts';
import { type Io, type Place } from '../command.ts';
import { filesIn, fileSource, type Source } from './source.ts';

const KERNEL = ['version', 'modules', 'meminfo', 'loadavg', 'filesystems', 'pressure/cpu'];
const SYSCTLS = [
  'net/ipv4/ip_forward',
  'net/ipv6/conf/all/disable_ipv6',
  'net/netfilter/nf_conntrack_count',
  'net/netfilter/nf_conntrack_max',
  'net/netfilter/nf_conntrack_tcp_loose',
  'user/max_net_namespaces',
];

/** What runs here, and on what. */
export function nodeSources({ place, env }: Io): Source[] {
  const text = JSON.stringify(
    {
      sluice: VERSION,
      node: process.versions.node,
      executable: process.execPath,
      kernel: release(),
      build: version(),
      architecture: arch(),
      uid: process.getuid?.(),
      place,
      // Names alone: values may be anything.
      variables: Object.keys(env).sort(),
    },
    undefined,
    2,
  );
  return [
    {
      name: 'versions.json',
      what: 'versions of Sluice, Node.js and the kernel',
      collect: () => Promise.resolve(`${text}\n`),
    },
    fileSource('node/os-release', '/etc/os-release'),
    ...KERNEL.map((name) => fileSource(`node/proc/${name}`, `/proc/${name}`)),
    ...SYSCTLS.map((name) => fileSource(`node/sys/${name}`, `/proc/sys/${name}`)),
    ...listings(place),
  ];
}

function listings({ netDir, binDir, stateDir }: Place): Source[] {
  const directories = [
    netDir,
    binDir,
    join(binDir, '.sluice'),
    stateDir,
    join(stateDir, 'attachments'),
  ];
  return directories.map((directory, i) => ({
    name: `node/list/${i}-${directory.split('/').at(-1) ?? ''}.txt`,
    what: `list ${directory}`,
    collect: () => listing(directory),
  }));
}

async function listing(directory: string): Promise<string> {
  const names = (await readdir(directory)).sort();
  const lines = await Promise.all(
    names.map(async (name) => {
      const stats = await stat(join(directory, name)).catch(() => undefined);
      if (!stats) return `? ${name}`;
      const { mode, uid, size, mtime } = stats;
      return [mode.toString(8), uid, size, mtime.toISOString(), name].join(' ');
    }),
  );
  return [directory, ...lines, ''].join('\n');
}

/** The network configuration, and what the plugin and the agent keep on the disk. */
export async function stateSources({ netDir, stateDir }: Place): Promise<Source[]> {
  const within = async (folder: string, directory: string, most: number): Promise<Source[]> =>
    (await filesIn(directory, { most })).map(({ name, path }) =>
      fileSource(`${folder}/${name}`, path),
    );
  const networks = await readdir(netDir, { withFileTypes: true }).catch(() => []);
  const dropIns = await Promise.all(
    networks
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => within(`cni/net.d/${name}`, join(netDir, name), 20)),
  );
  return [
    ...(await within('cni/net.d', netDir, 50)),
    ...dropIns.flat(),
    ...(await within('state', stateDir, 20)),
    ...(await within('state/history', join(stateDir, 'history'), 4)),
    ...(await within('state/host', join(stateDir, 'host'), 5)),
    ...(await within('state/attachments', join(stateDir, 'attachments'), 250)),
    ...(await within('state/pods', join(stateDir, 'pods'), 250)),
  ];
}
