import { chain, type Entry } from './conflist.ts';
import { type Configuration } from './netdir.ts';

type Usable = Exclude<Configuration, { readonly is: 'broken' }>;

/** libcni ignores keys that it does not know: by this one we know our own file again, and its reader its source. */
const MARK = '"sluice.dev/generated-from":';

/**
 * A conflist of our own with all that the primary holds, and our entry last: for a primary that is no list, because
 * its owner looks for it under its name and with its content.
 *
 * A single plugin becomes a list as libcni makes it one: the same name and cniVersion, all its keys.
 *
 * @see https://github.com/containernetworking/cni/blob/v1.2.3/libcni/conf.go
 */
export function generatedList(primary: Usable, entry: Entry): string {
  const list = primary.is === 'list' ? primary.text : listOf(primary);
  const mark = `${MARK} ${JSON.stringify(primary.file)},`;
  const marked = list.replace(/^(\s*\{)(\s*)/, (_all, brace: string, gap: string) =>
    [brace, gap, mark, gap === '' ? ' ' : gap].join(''),
  );
  return chain(marked, entry);
}

/** Whether we wrote it, whatever its name is: nothing else is ever removed. */
export function isGenerated(text: string): boolean {
  return /^\s*\{\s*/.test(text) && text.replace(/^\s*\{\s*/, '').startsWith(MARK);
}

function listOf({ text, config }: Usable & { readonly is: 'single' }): string {
  const head = ['cniVersion', 'name']
    .filter((key) => key in config)
    .map((key) => `  ${JSON.stringify(key)}: ${JSON.stringify(config[key])},\n`);
  // No string of JSON holds a line end, so this changes no value.
  const plugin = text.trim().replaceAll('\n', '\n    ');
  return `{\n${head.join('')}  "plugins": [\n    ${plugin}\n  ]\n}\n`;
}
