import { parseList } from './lists.ts';
import { quote } from './quote.ts';

declare const iface: unique symbol;
/** The name of a network interface as `-i` and `-o` take it, made only by `parseInterfaces`. */
export type InterfaceName = string & { readonly [iface]: true };

/**
 * Parses a list of interface names, e.g. `"eth1, net1"`; `""` is none.
 *
 * @returns each name once, in alphabetical order
 * @throws {RangeError} naming every item that is no name; a `+` would be a pattern, so it is refused
 */
export function parseInterfaces(text: string): InterfaceName[] {
  return [...new Set(parseList(text, parseInterface))].sort();
}

function parseInterface(text: string): InterfaceName {
  if (/^[A-Za-z][A-Za-z0-9_.-]{0,14}$/.test(text)) return text as InterfaceName;
  throw new RangeError(
    `cannot parse interface ${quote(text)}: expected a letter, then up to 14 letters, digits or "_.-"`,
  );
}
