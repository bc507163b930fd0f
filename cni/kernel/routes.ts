import { type Ruleset } from '../rules/rule.ts';
import { ExecError } from './exec.ts';
import { ip, type Kernel } from './kernel.ts';

/** What redirection needs beside rules, as found in one family of a netns. */
export interface Routes {
  /** The address from which the sidecar speaks to the app: `::6`. IPv4's 127.0.0.6 is always there. */
  readonly address: boolean;
  /** `fwmark 1337 lookup 133` */
  readonly rule: boolean;
  /** `local default dev lo table 133` */
  readonly route: boolean;
  /** Addresses of more than a link's scope that are not ours, e.g. `2001:db8::5`. */
  readonly globalAddresses: readonly string[];
}

/** A fixed priority: without one, the kernel takes the same rule a second time. */
const RULE = 'pref 133 fwmark 1337 lookup 133';
const ROUTE = 'local default dev lo table 133';
const ADDRESS = '::6/128';
const TPROXY_REMOVALS = [`rule del ${RULE}`, `route del ${ROUTE}`];

/** Adds what is missing and says what is there then. @throws {ExecError} when `ip` cannot be run at all */
export function addRoutes(kernel: Kernel, ruleset: Ruleset): Promise<Routes> {
  return change(kernel, ruleset, additions(ruleset));
}

/** What `addRoutes` tells `ip`. */
export function routesInput(ruleset: Ruleset): string {
  return renderBatch([...additions(ruleset), ...listing(ruleset)]);
}

function additions({ family, tproxyRoute }: Ruleset): string[] {
  return [
    ...(family === 'ipv6' ? [`addr add ${ADDRESS} dev lo nodad`] : []),
    // The route is refused while lo is down, and the loopback plugin may run beside us.
    ...(tproxyRoute ? ['link set dev lo up', `rule add ${RULE}`, `route add ${ROUTE}`] : []),
  ];
}

/** Removes what `addRoutes` adds, as far as it is there, and says what is left. */
export function removeRoutes(kernel: Kernel, family: Ruleset['family']): Promise<Routes> {
  const address = family === 'ipv6' ? [`addr del ${ADDRESS} dev lo`] : [];
  return change(kernel, { family, tproxyRoute: true }, [...address, ...TPROXY_REMOVALS]);
}

/** Removes what only TPROXY needs. */
export async function removeTproxyRoute(kernel: Kernel, family: Ruleset['family']): Promise<void> {
  await change(kernel, { family, tproxyRoute: true }, TPROXY_REMOVALS);
}

export function readRoutes(
  kernel: Kernel,
  ruleset: Pick<Ruleset, 'family' | 'tproxyRoute'>,
): Promise<Routes> {
  return change(kernel, ruleset, []);
}

type Scope = Pick<Ruleset, 'family' | 'tproxyRoute'>;

async function change(kernel: Kernel, scope: Scope, lines: readonly string[]): Promise<Routes> {
  const { family, tproxyRoute } = scope;
  if (family === 'ipv4' && !tproxyRoute) return parseRoutes('', family);
  return parseRoutes(await batch(kernel, family, [...lines, ...listing(scope)]), family);
}

function listing({ tproxyRoute }: Scope): string[] {
  return tproxyRoute ? ['rule show', 'route show table 133', 'addr show'] : ['addr show'];
}

/** With `-force` the exit code only says that some line failed, e.g. "File exists"; what counts is what is there. */
async function batch(kernel: Kernel, family: Ruleset['family'], lines: string[]): Promise<string> {
  try {
    return (await ip(kernel, family, renderBatch(lines))).stdout;
  } catch (error) {
    if (error instanceof ExecError && /Command failed -:\d+/.test(error.stderr))
      return error.stdout;
    throw error;
  }
}

function renderBatch(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether `ip` got as far as to list addresses: every netns has `lo`. */
export function isListed(text: string): boolean {
  return /^\d+: lo:/m.test(text);
}

/** Reads the listings of `ip rule`, `ip route` and `ip addr`, one behind the other. */
export function parseRoutes(text: string, family: Ruleset['family']): Routes {
  // Also `2001:db8::5 peer 2001:db8::6/128 scope global` and `fec0::5/64 scope site`: routers pass both on.
  const addresses = [...text.matchAll(/^ +inet6? ([^\s/]+).* scope (?!(?:link|host)\b)/gm)].map(
    ([, address = '']) => address,
  );
  return {
    address: family === 'ipv4' || addresses.includes('::6'),
    // The host may have a name for table 133, and `ip` prints that.
    rule: /^133:\s+from all fwmark 0x539 lookup (?:133|[a-z]\S*)\s*$/im.test(text),
    route: /^local default dev lo /m.test(text),
    globalAddresses: addresses.filter((address) => address !== '::6'),
  };
}
