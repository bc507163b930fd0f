import { type Backend } from '../../cni/kernel/tools.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { compare } from '../../cni/rules/compare.ts';
import { hasOurs } from '../../cni/rules/ours.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';
import { type Evidence, type Expected } from './finding.ts';
import { type Holdings } from './look/read.ts';

const BACKENDS: readonly Backend[] = ['iptables-nft', 'iptables-legacy'];
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** What is wrong in a netns: expected against actual, without asking anyone. */
export function netnsFindings(expected: Expected, holdings: Holdings, chosen: Backend): Evidence[] {
  switch (expected.action) {
    case 'redirect':
      return redirectFindings(expected, holdings, chosen);
    case 'skip':
      return skipFindings(expected, holdings);
    case 'unknown':
      return [{ kind: 'unknown', why: expected.why }];
  }
}

type Redirect = Extract<Expected, { action: 'redirect' }>;

function redirectFindings(expected: Redirect, holdings: Holdings, chosen: Backend): Evidence[] {
  const backend = BACKENDS.find((name) => name === expected.added?.backend) ?? chosen;
  const other = backend === 'iptables-nft' ? 'iptables-legacy' : 'iptables-nft';
  const doubled: Evidence[] = holds(holdings, other) ? [{ kind: 'doubled', backend: other }] : [];
  if (holds(holdings, backend)) return [...findingsIn(backend, expected, holdings), ...doubled];
  // Redirected is redirected, whichever backend it was.
  const isRight = doubled.length > 0 && findingsIn(other, expected, holdings).length === 0;
  return isRight ? [] : [{ kind: 'un-redirected' }, ...doubled];
}

function findingsIn(backend: Backend, expected: Redirect, holdings: Holdings): Evidence[] {
  const held = holdings.rules[backend];
  return FAMILIES.flatMap((family) => familyFindings(expected, { family, holdings, held }));
}

function holds({ rules }: Holdings, backend: Backend): boolean {
  return FAMILIES.some((family) => hasOurs(rules[backend][family]));
}

interface Held {
  readonly family: Family;
  readonly holdings: Holdings;
  readonly held: Readonly<Record<Family, SavedTables>>;
}

function familyFindings(expected: Redirect, { family, holdings, held }: Held): Evidence[] {
  const ruleset = expected.rules[family];
  const routes = holdings.routes[family];
  if (!hasOurs(held[family])) {
    const addresses = routes.globalAddresses;
    if (family === 'ipv6' && addresses.length > 0) return [{ kind: 'ipv6-leak', addresses }];
    // A kernel may have no IPv6 rules: an ADD takes that where nothing could leak past them.
    const mayLack = family === 'ipv6' && expected.added?.families.includes('ipv6') !== true;
    return mayLack ? [] : [{ kind: 'partly-redirected', family, lacks: 'all rules' }];
  }
  const difference = compare(ruleset, held[family]);
  if (difference?.kind === 'foreign-in-front') {
    return [{ kind: 'foreign-in-front', family, difference }];
  }
  if (difference) return [{ kind: 'drifted', family, difference }];
  const lacks = [
    ...(ruleset.tproxyRoute && !routes.rule ? ['ip rule "fwmark 1337 lookup 133"'] : []),
    ...(ruleset.tproxyRoute && !routes.route ? ['route "local default dev lo table 133"'] : []),
    ...(!routes.address && routes.globalAddresses.length > 0 ? ['address ::6 on lo'] : []),
  ];
  return lacks.map((lack) => ({ kind: 'partly-redirected', family, lacks: lack }));
}

function skipFindings(
  { reason }: Extract<Expected, { action: 'skip' }>,
  holdings: Holdings,
): Evidence[] {
  return BACKENDS.flatMap((backend): Evidence[] => {
    const families = Object.values(holdings.rules[backend]);
    // Its own istio-init has redirected it: what it leaves looks like ours, but for the comments.
    const isOurs = reason === 'init-container-redirects' ? holdsSluice : holdsRedirection;
    return families.some(isOurs) ? [{ kind: 'redirected-unexpectedly', reason, backend }] : [];
  });
}

function holdsSluice(tables: SavedTables): boolean {
  return tables.some(({ chains }) =>
    chains.some(({ rules }) => rules.some((rule) => /--comment "?sluice:/.test(rule))),
  );
}

/** In ambient mode Istio's node agent has chains of the same names in pods; this one only there. */
function holdsRedirection(tables: SavedTables): boolean {
  const isAmbient = tables.some(({ chains }) => chains.some(({ name }) => name === 'ISTIO_PRERT'));
  return hasOurs(tables) && (!isAmbient || holdsSluice(tables));
}
