import fc from 'fast-check';
import { type Family } from '../../../../cni/redirect/cidrs.ts';
import { conditions, type Side } from './conditions.ts';
import { type Table, target } from './targets.ts';

/** Rules of one family, as text for a restore that replaces all that is there. */
export interface Rules {
  readonly text: string;
  /** Connections are tracked in zones, or not at all. */
  readonly isTrackedOddly: boolean;
}

const HOOKS = {
  raw: { in: ['PREROUTING'], out: ['OUTPUT'] },
  mangle: { in: ['PREROUTING', 'INPUT'], out: ['OUTPUT', 'POSTROUTING'] },
  nat: { in: ['PREROUTING'], out: ['OUTPUT'] },
  filter: { in: ['INPUT'], out: ['OUTPUT'] },
} as const;

/** Tells its rules from those that are tested. */
export const OURS = 'harness';

export function rules(family: Family): fc.Arbitrary<Rules> {
  const tables = (Object.keys(HOOKS) as Table[]).map((name) => table(name, family));
  return fc.tuple(fc.boolean(), ...tables).map(([isTrackedOddly, ...texts]) => {
    const text = texts.join('');
    return {
      text: isTrackedOddly ? text : text.replaceAll(/-j CT --(?:notrack|zone \d)/g, ''),
      isTrackedOddly,
    };
  });
}

function table(name: Table, family: Family): fc.Arbitrary<string> {
  const chains = (['in', 'out'] as const).flatMap((side) => {
    const inner = [`${side}_a`, `${side}_b`];
    return [
      ...HOOKS[name][side].map((hook) => chain(name, hook, { side, family, inner })),
      chain(name, `${side}_a`, { side, family, inner: inner.slice(1) }),
      chain(name, `${side}_b`, { side, family, inner: [] }),
    ];
  });
  const drops =
    name === 'filter'
      ? fc.constantFrom('ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP')
      : fc.constant('ACCEPT');
  return fc.tuple(drops, ...chains).map(([policy, ...filled]) => {
    const names = filled.map(([chainName]) => chainName);
    const declared = names.map((each) => `:${each} ${/^[A-Z]/.test(each) ? policy : '-'} [0:0]`);
    const builtIn = names.filter((each) => /^[A-Z]/.test(each));
    const bypasses = name === 'nat' ? [] : builtIn.flatMap((each) => bypass(each, family));
    const lines = filled.flatMap(([chainName, texts]) =>
      texts.map((text) => `-A ${chainName} ${text}`),
    );
    return [`*${name}`, ...declared, ...bypasses, ...lines, 'COMMIT\n'].join('\n');
  });
}

/** Only first packets meet the rules: no reply, no error, no neighbour discovery. */
function bypass(chainName: string, family: Family): string[] {
  const icmp = family === 'ipv4' ? 'icmp' : 'ipv6-icmp';
  const bypassing = ['-p tcp -m tcp ! --tcp-flags SYN,RST,ACK SYN', `-p ${icmp}`].map(
    (match) => `-A ${chainName} ${match} -m comment --comment ${OURS} -j ACCEPT`,
  );
  // Without a rule that asks for it, there is no connection tracking.
  return [...bypassing, `-A ${chainName} -m conntrack --ctstate NEW -m comment --comment ${OURS}`];
}

/** Rules that leave all packets alone. */
export function noRules(family: Family): string {
  const lines = ['*filter', ':INPUT ACCEPT [0:0]', ...bypass('INPUT', family), 'COMMIT\n'];
  return lines.join('\n');
}

interface Surroundings {
  readonly side: Side;
  readonly family: Family;
  /** Chains that can be gone to. */
  readonly inner: readonly string[];
}

function chain(table: Table, name: string, around: Surroundings): fc.Arbitrary<[string, string[]]> {
  const rule = fc
    .tuple(conditions(around), target(table, name, around.inner))
    .map(([match, action]) => withProtocol(match, action).trim());
  return fc.tuple(fc.constant(name), fc.array(rule, { maxLength: 4 }));
}

/** Targets that change ports want to know of which protocol. */
function withProtocol(match: string, action: string): string {
  if (!/REDIRECT|TPROXY/.test(action)) return `${match} ${action}`;
  const positive = match.replace(/! -p tcp|-p sctp|^(?!.*-p )/, '-p tcp ');
  return `${positive} ${action}`;
}
