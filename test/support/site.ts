import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttachmentRecord, parseRecord } from '../../cni/attachment.ts';
import { type Invocation } from '../../cni/spec/request.ts';
import { type FakeAgent, serveAgent } from './agent.ts';
import { injected, invocation } from './call.ts';
import { type PodChanges, v1Pod } from './pod.ts';

/** A folder with all that an ADD of pod default/web-0 needs on its node, gone after the tests of this `describe`. */
export interface Site {
  readonly directory: () => string;
  readonly stateDir: () => string;
  /** An ADD for the netns at `path`. */
  readonly add: (path: string, changes?: Changes) => Invocation;
  readonly record: (containerId?: string) => AttachmentRecord | undefined;
  /** Requests that the agent was asked so far. */
  readonly requests: () => readonly string[];
  /** A `toolsDir` with the machine's own programs, but for the given ones: a script each, undefined for none. */
  readonly tools: (changed: Readonly<Record<string, string | undefined>>) => string;
}

type Changes = Omit<NonNullable<Parameters<typeof invocation>[0]>, 'podAnnotations'> & {
  readonly containerId?: string;
};

export function site(pod: PodChanges = {}): Site {
  let directory = '';
  let agent: FakeAgent | undefined;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-site-'));
    const known = v1Pod({ namespace: 'default', name: 'web-0', ...pod });
    const metadata = { ...known.metadata, uid: 'uid-1' };
    agent = await serveAgent(join(directory, 'agent.sock'), [{ ...known, metadata }]);
  });
  after(() => {
    agent?.close();
    // Whoever is skipped has made none.
    rmSync(directory, { recursive: true, force: true });
  });
  const stateDir = (): string => join(directory, 'state');
  return {
    directory: () => directory,
    stateDir,
    add: (path, { config, env, containerId = 'container-1', ...changes } = {}) =>
      invocation({
        ...changes,
        podAnnotations: { ...injected, ...pod.annotations },
        env: { CNI_NETNS: path, CNI_CONTAINERID: containerId, ...env },
        config: { agentSocket: join(directory, 'agent.sock'), stateDir: stateDir(), ...config },
      }),
    record: (containerId = 'container-1') => {
      const path = join(stateDir(), 'attachments', `${containerId}-eth0.json`);
      return existsSync(path) ? parseRecord(readFileSync(path, 'utf8')) : undefined;
    },
    requests: () => agent?.requests ?? [],
    tools: (changed) => provideTools(mkdtempSync(join(directory, 'tools-')), changed),
  };
}

const PROGRAMS = [
  ...['nsenter', 'unshare', 'sh', 'mount', 'ip', 'nft'],
  ...['iptables', 'ip6tables'].flatMap((command) =>
    ['nft-restore', 'nft-save', 'legacy-restore', 'legacy-save'].map((end) => `${command}-${end}`),
  ),
];

function provideTools(
  directory: string,
  changed: Readonly<Record<string, string | undefined>>,
): string {
  mkdirSync(directory, { recursive: true });
  for (const name of PROGRAMS.filter((program) => !(program in changed))) {
    symlinkSync(realProgram(name), join(directory, name));
  }
  for (const [name, script] of Object.entries(changed)) {
    if (script === undefined) continue;
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

export function realProgram(name: string): string {
  const directories = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  const path = directories.map((each) => join(each, name)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`cannot find ${name} in ${directories.join(', ')}`);
  return path;
}
