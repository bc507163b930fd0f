import { type Backend } from '../../cni/kernel/tools.ts';
import { type Family } from '../../cni/redirect/cidrs.ts';
import { hasOurs } from '../../cni/rules/ours.ts';
import { type Rulesets, rulesets } from '../../cni/rules/ruleset.ts';
import { type Live } from '../live/read.ts';
import { type Wanted } from '../live/wanted.ts';
import { diffLines, type Line } from './lines.ts';

/** What differs in one family, by one backend. */
export interface FamilyDiff {
  readonly family: Family;
  readonly backend: Backend;
  /** Whether this backend is to hold the rules; the other is to hold none. */
  readonly isWanted: boolean;
  readonly lines: readonly Line[];
  /** What is missing beside rules. */
  readonly lacks: readonly string[];
}

const FAMILIES = ['ipv4', 'ipv6'] as const;

export function familyDiffs(wanted: Wanted, live: Live): FamilyDiff[] {
  const used = backendOf(live);
  const expected = wanted.action === 'redirect' ? expectedRules(wanted, live) : undefined;
  return FAMILIES.flatMap((family) =>
    live[family].backends.map(({ backend, tables }): FamilyDiff => {
      const isWanted = wanted.action === 'redirect' && backend === used && !mayLack(family, live);
      const rules = isWanted ? expected?.[family] : undefined;
      const lines = diffLines(rules, tables).filter((line) => !isOfInit(wanted, line));
      return {
        family,
        backend,
        isWanted,
        lines,
        lacks: rules ? lacking(rules.tproxyRoute, family, live) : [],
      };
    }),
  );
}

/** Each version signs its rules; where there is no record, whoever made these is as good. */
function expectedRules(wanted: Extract<Wanted, { action: 'redirect' }>, live: Live): Rulesets {
  if (wanted.from === 'record') return wanted.rules;
  const all = FAMILIES.flatMap((family) => live[family].backends.flatMap(({ tables }) => tables));
  const rules = all.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
  const version = rules.map((rule) => /sluice:output sluice\/(\S+) /.exec(rule)?.[1]).find(Boolean);
  return version === undefined ? wanted.rules : rulesets(wanted.plan, version);
}

/** Where some of our rules are, else the one that was looked into first. */
function backendOf(live: Live): Backend | undefined {
  const all = FAMILIES.flatMap((family) => live[family].backends);
  return (all.find(({ tables }) => hasOurs(tables)) ?? all[0])?.backend;
}

/** As in ADD: a kernel may have no IPv6 rules, where nothing could leak past them. */
function mayLack(family: Family, { ipv6 }: Live): boolean {
  const holdsNone = !ipv6.backends.some(({ tables }) => hasOurs(tables));
  return family === 'ipv6' && holdsNone && ipv6.routes.globalAddresses.length === 0;
}

/** Its own istio-init has redirected it: rules without our comment are right there. */
function isOfInit(wanted: Wanted, { rule }: Line): boolean {
  const byInit = wanted.action === 'skip' && wanted.reason === 'init-container-redirects';
  return byInit && !/--comment "?sluice:/.test(rule);
}

function lacking(tproxyRoute: boolean, family: Family, live: Live): string[] {
  const { rule, route, address, globalAddresses } = live[family].routes;
  return [
    ...(tproxyRoute && !rule ? ['ip rule "fwmark 1337 lookup 133"'] : []),
    ...(tproxyRoute && !route ? ['route "local default dev lo table 133"'] : []),
    ...(!address && globalAddresses.length > 0 ? ['address ::6 on lo'] : []),
  ];
}

/** Whether a family is as it should be; rules of others that take nothing from ours are no difference. */
export function isAsWanted({ lines, lacks }: FamilyDiff): boolean {
  return lacks.length === 0 && lines.every(({ kind }) => kind === 'foreign');
}
