import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Netns } from './netns.ts';
import { executable } from './plugin.ts';

export type Verb = 'add' | 'check' | 'del' | 'gc' | 'status';

/** What libcni gave to our plugin, CNI_COMMAND and stdin, and what that printed; `''` for nothing. */
export interface Received {
  readonly verb: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly answer: string;
}

/** How a run of cnitool ended, and what came to our plugin meanwhile. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly received: readonly Received[];
}

export interface Cnitool {
  /** In the order of CNI_PATH. */
  readonly path: readonly string[];
  readonly cnitool: string;
  readonly node: Netns;
  readonly network: string;
  /** With `net.d`, the folder of configurations, and all that `prepareCnitool` makes. */
  readonly directory: string;
}

/**
 * In front of the packaged plugin: it notes verb, stdin and answer, a line each, and changes nothing. Neither
 * libcni nor we write JSON with line breaks.
 */
const note = `#!/bin/sh
stdin=$(cat)
answer=$(printf '%s' "$stdin" | '${executable}')
code=$?
printf '%s\\n' "$CNI_COMMAND" "$stdin" "$answer" >> "$RECEIVED"
printf '%s' "$answer"
exit $code
`;

/** Makes a folder of our plugin, and one for what libcni remembers. */
export async function prepareCnitool(directory: string): Promise<void> {
  for (const name of ['bin', 'lib']) await mkdir(join(directory, name));
  await writeFile(join(directory, 'bin/sluice-cni'), note, { mode: 0o755 });
}

/** Runs cnitool on the node for pod default/web-0 with UID uid-1. Never rejects because of how it ends. */
export async function runCnitool(
  { path, cnitool, node, network, directory }: Cnitool,
  { verb, pod, capabilities }: { verb: Verb; pod: Netns; capabilities: object },
): Promise<Ran> {
  const received = join(directory, 'received');
  await writeFile(received, '');
  // Nothing tells cnitool to remember elsewhere than in /var/lib/cni, so it gets a /var/lib of its own.
  const place = ['sh', '-ec', 'mount --bind "$0" /var/lib; exec "$@"', join(directory, 'lib')];
  const command = [...place, cnitool, verb, network, pod.path];
  const { stdout, stderr, exitCode } = await execa(
    'nsenter',
    [`--net=${node.path}`, '--', 'unshare', '--mount', '--', ...command],
    {
      extendEnv: false,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        NETCONFPATH: join(directory, 'net.d'),
        CNI_PATH: [join(directory, 'bin'), ...path].join(':'),
        CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_UID=uid-1',
        CAP_ARGS: JSON.stringify(capabilities),
        RECEIVED: received,
      },
      reject: false,
      timeout: 50_000,
    },
  );
  return { stdout, stderr, exitCode, received: parseReceived(await readFile(received, 'utf8')) };
}

function parseReceived(text: string): Received[] {
  const [verb, stdin = '', answer = '', ...rest] = text.split('\n');
  if (!verb) return [];
  const config = JSON.parse(stdin) as Received['config'];
  return [{ verb, config, answer }, ...parseReceived(rest.join('\n'))];
}

/** The same, if it ended well. */
export function succeeded(ran: Ran): Ran {
  assert.equal(ran.exitCode, 0, ran.stderr);
  return ran;
}
