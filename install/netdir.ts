import { isJsonObject, type JsonObject } from '../cni/spec/json.ts';

/** A file of the CNI configuration directory: its text, or why it has none that could be used. */
export type NetFile =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly problem: string };

/** What the runtime makes of a file: a list, or a single plugin, which it turns into a list by itself. */
export type Configuration =
  | {
      readonly is: 'list';
      readonly name: string;
      readonly file: string;
      readonly text: string;
      readonly types: readonly string[];
      /** Whether libcni 1.3 and later add the plugins of the directory named like the network. */
      readonly takesDropIns: boolean;
    }
  | {
      readonly is: 'single';
      readonly name: string;
      readonly file: string;
      readonly text: string;
      readonly config: JsonObject;
    }
  | { readonly is: 'broken'; readonly file: string; readonly problem: string };

/** Newer versions of go-cni read no file larger than this. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * The files that containerd and CRI-O look at, in their order: by byte, so `10-a.conf` is before `10-a.conflist`.
 *
 * @see https://github.com/containerd/go-cni/blob/v1.1.12/opts.go
 */
export function netFiles<T extends { readonly name: string }>(files: readonly T[]): T[] {
  return files
    .filter(({ name }) => /\.(conf|conflist|json)$/.test(name))
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/**
 * Reads a file as go-cni does. The first one decides alone there: if it is broken, nothing is loaded and the node
 * becomes NotReady. CRI-O goes on to the next, which is no reason for us to call the node complete.
 */
export function parseNetFile(found: NetFile): Configuration {
  try {
    if ('problem' in found) throw new SyntaxError(found.problem);
    return parse(found.name, found.text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { is: 'broken', file: found.name, problem };
  }
}

function parse(file: string, text: string): Configuration {
  if (text.trim() === '') throw new SyntaxError('is empty');
  if (Buffer.byteLength(text) > MAX_BYTES) throw new RangeError('is larger than 2 MiB');
  const config = parseObject(text);
  const { name, plugins } = config;
  if (typeof name !== 'string' || name === '') throw new SyntaxError('has no name');
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) throw new SyntaxError('has a name with odd characters');
  if (!file.endsWith('.conflist')) {
    if (hasType(config)) return { is: 'single', name, file, text, config };
    throw new SyntaxError('has no type, which only a ".conflist" may lack');
  }
  if (!Array.isArray(plugins) || plugins.length === 0) throw new SyntaxError('has no plugins');
  const types = plugins.map((plugin: unknown, index) => {
    if (isJsonObject(plugin) && hasType(plugin)) return plugin.type;
    throw new SyntaxError(`has a plugin without a type, the ${index + 1}. of ${plugins.length}`);
  });
  const takesDropIns = config.loadOnlyInlinedPlugins !== true;
  return { is: 'list', name, file, text, types, takesDropIns };
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError('is not JSON, or only a part of it');
  }
  if (isJsonObject(value)) return value;
  throw new SyntaxError('is not a JSON object');
}

function hasType(plugin: JsonObject): plugin is JsonObject & { readonly type: string } {
  return typeof plugin.type === 'string' && plugin.type !== '';
}
