import { type AttachmentRecord } from '../../cni/attachment.ts';
import { iptables } from '../../cni/kernel/iptables.ts';
import { execInNetns, ip, type Kernel } from '../../cni/kernel/kernel.ts';
import { closeNetns, openNetns } from '../../cni/kernel/netns.ts';
import { toolboxBeside } from '../../cni/kernel/place.ts';
import { type Backend, findProgram, findTools } from '../../cni/kernel/tools.ts';
import { VERSION } from '../../cni/version.ts';
import { executablePath } from '../../install/config.ts';
import { type Place } from '../command.ts';
import { type Source } from './source.ts';

const TIMEOUT_MS = 8_000;

/** What the netns of each attachment holds: rules of both backends, nftables as a whole, addresses and routes. */
export function ruleSources(records: readonly AttachmentRecord[], place: Place): Source[] {
  return records.map((record) => {
    const { pod, containerId, netns } = record;
    const name = pod ? `${pod.namespace}_${pod.name}` : containerId.slice(0, 12);
    return {
      name: `pods/${name}/${containerId.slice(0, 12)}-${record.ifName}.rules.txt`,
      what: `list rules and routes in ${netns.path}`,
      collect: () => dump(record, place),
    };
  });
}

async function dump(
  { netns: { path, inode } }: AttachmentRecord,
  { toolsDir, binDir }: Place,
): Promise<string> {
  const netns = openNetns(path);
  try {
    if (inode !== undefined && netns.inode !== inode) {
      return `${path} leads to netns ${netns.inode}: the one that was programmed, ${inode}, is gone\n`;
    }
    const place = toolsDir ?? toolboxBeside(executablePath({ binDir }), VERSION);
    const tools = findTools('auto', place);
    const deadlineAt = performance.now() + TIMEOUT_MS;
    const kernel: Kernel = {
      netns,
      tools,
      hideNameService: false,
      userNamespace: undefined,
      deadlineAt,
    };
    return await listAll(kernel);
  } finally {
    closeNetns(netns);
  }
}

async function listAll(kernel: Kernel): Promise<string> {
  const nft = findProgram('nft', kernel.tools.place);
  const parts = [
    await saved(kernel, 'iptables-nft'),
    await part(
      'nft list ruleset',
      nft && (async () => (await execInNetns(kernel, [...nft, 'list', 'ruleset'], '')).stdout),
    ),
    await part(
      'ip',
      async () => (await ip(kernel, 'ipv4', 'addr show\nrule show\nroute show table all\n')).stdout,
    ),
    await part(
      'ip -6',
      async () => (await ip(kernel, 'ipv6', 'rule show\nroute show table all\n')).stdout,
    ),
  ];
  return parts.join('\n');
}

/** Legacy tables come into being when they are looked at, so that they are read only where nft says that they are there. */
async function saved(kernel: Kernel, backend: Backend): Promise<string> {
  const texts: string[] = [];
  let hasLegacy = kernel.tools.backend === 'iptables-legacy' && backend === 'iptables-nft';
  for (const family of ['ipv4', 'ipv6'] as const) {
    const asked = { ...kernel, tools: { ...kernel.tools, backend } };
    const list = async (): Promise<string> => {
      const { stdout, stderr } = await iptables(asked, {
        family,
        verb: 'save',
        args: [],
        input: '',
      });
      hasLegacy ||= stderr.includes('tables-legacy tables present');
      return stdout + stderr;
    };
    texts.push(await part(`${backend} ${family}`, list));
  }
  if (backend === 'iptables-nft' && hasLegacy) texts.push(await saved(kernel, 'iptables-legacy'));
  return texts.join('\n');
}

/** What one program says, or why it says nothing: the others are asked all the same. */
async function part(title: string, list: (() => Promise<string>) | undefined): Promise<string> {
  const said = await list?.().catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  return `### ${title}\n${said ?? 'the program is not there'}\n`;
}
