import { type Inbound } from './inbound.ts';
import { type RedirectPlan } from './plan.ts';

/** The kernel takes some thousand rules in a second: with more of them than these, no deadline can be kept. */
const MOST_RULES = 20_000;

/**
 * What is wrong with a plan of too many rules; `[]` if nothing is.
 *
 * Interfaces and ranges multiply, and a pod's annotations have room for 256 KiB: together that is more than a
 * node's memory.
 */
export function sizeProblems(plan: RedirectPlan): string[] {
  const rules = mostRules(plan);
  if (rules <= MOST_RULES) return [];
  return [
    `the lists of ports, ranges and interfaces: they make up to ${rules} rules, expected at most ${MOST_RULES}`,
  ];
}

/** Of one family; ranges count in both. */
function mostRules(plan: RedirectPlan): number {
  const { virtualInterfaces, excludeInterfaces, excludeOutboundCidrs } = plan;
  const included = size(plan.includeOutboundCidrs);
  return (
    virtualInterfaces.length * (included + 1) +
    excludeInterfaces.length * 4 +
    inboundSize(plan.inbound) * 2 +
    size(plan.excludeOutboundPorts) * 2 +
    excludeOutboundCidrs.length +
    size(plan.includeOutboundPorts) +
    included
  );
}

function inboundSize(inbound: Inbound): number {
  if (inbound.capture === 'none') return 0;
  return inbound.capture === 'all' ? inbound.exclude.length : inbound.ports.length;
}

function size(set: 'all' | readonly unknown[]): number {
  return set === 'all' ? 1 : set.length;
}
