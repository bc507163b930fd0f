import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Netns } from './netns.ts';

/** A network configuration list: the plugins in the order of ADD. */
export interface Conflist {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly PluginConf[];
}

export interface PluginConf {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** The machine as its runtime sees it. */
export interface Runtime {
  readonly node: Netns;
  readonly conflist: Conflist;
  /** CNI_PATH, in order. */
  readonly path: readonly string[];
}

export interface Attachment {
  readonly containerId: string;
  readonly ifName: string;
  readonly netns: string;
  /** CNI_ARGS. */
  readonly args: Readonly<Record<string, string>>;
  /** By capability; each plugin is given what it declares. */
  readonly runtimeConfig: Readonly<Record<string, unknown>>;
}

/** How one plugin of the chain did. */
export interface Call {
  readonly type: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** What the last plugin of a successful ADD printed; the runtime keeps it for CHECK and DEL. */
export interface Added {
  readonly result: unknown;
  readonly calls: readonly Call[];
}

export async function addAttachment(runtime: Runtime, attachment: Attachment): Promise<Added> {
  const calls: Call[] = [];
  let result: unknown;
  for (const plugin of runtime.conflist.plugins) {
    const done = await call('ADD', runtime, attachment, plugin, result);
    calls.push(done);
    result = JSON.parse(done.stdout);
  }
  return { result, calls };
}

export async function checkAttachment(
  runtime: Runtime,
  attachment: Attachment,
  { result }: Added,
): Promise<readonly Call[]> {
  return callEach('CHECK', runtime.conflist.plugins, { runtime, attachment, result });
}

/** Last plugin first. */
export async function deleteAttachment(
  runtime: Runtime,
  attachment: Attachment,
  { result }: Added,
): Promise<readonly Call[]> {
  return callEach('DEL', runtime.conflist.plugins.toReversed(), { runtime, attachment, result });
}

async function callEach(
  verb: string,
  plugins: readonly PluginConf[],
  { runtime, attachment, result }: { runtime: Runtime; attachment: Attachment; result: unknown },
): Promise<readonly Call[]> {
  const calls: Call[] = [];
  for (const plugin of plugins) calls.push(await call(verb, runtime, attachment, plugin, result));
  return calls;
}

/** Runs one plugin as libcni does. @see https://github.com/containernetworking/cni/blob/v1.2.3/libcni/api.go */
async function call(
  verb: string,
  { node, conflist, path }: Runtime,
  { containerId, ifName, netns, args, runtimeConfig }: Attachment,
  plugin: PluginConf,
  prevResult: unknown,
): Promise<Call> {
  const { cniVersion, name } = conflist;
  const own = Object.entries(runtimeConfig).filter(([key]) => plugin.capabilities?.[key]);
  const config = {
    ...plugin,
    cniVersion,
    name,
    ...(own.length > 0 && { runtimeConfig: Object.fromEntries(own) }),
    prevResult,
  };
  const done = await execa('nsenter', [`--net=${node.path}`, '--', await find(plugin.type, path)], {
    input: JSON.stringify(config),
    extendEnv: false,
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      CNI_COMMAND: verb,
      CNI_CONTAINERID: containerId,
      CNI_NETNS: netns,
      CNI_IFNAME: ifName,
      CNI_ARGS: Object.entries({ IgnoreUnknown: '1', ...args })
        .map((pair) => pair.join('='))
        .join(';'),
      CNI_PATH: path.join(':'),
    },
    reject: false,
    timeout: 30_000,
  });
  const { stdout, stderr, durationMs: ms } = done;
  if (done.failed) {
    throw new Error(`cannot ${verb} ${containerId}: ${plugin.type}: ${stdout || done.message}`);
  }
  return { type: plugin.type, stdout, stderr, ms };
}

async function find(type: string, path: readonly string[]): Promise<string> {
  for (const file of path.map((directory) => join(directory, type))) {
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  throw new Error(`cannot find CNI plugin "${type}" in ${path.join(':')}`);
}
