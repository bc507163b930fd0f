import { BlockList } from 'node:net';
import { type Family } from '../../cni/redirect/cidrs.ts';

/** Whether a range of addresses holds an address. */
export type Contains = (range: string, address: string) => boolean;

/** Answers are remembered: there are few ranges and addresses, and many packets. */
export function createContains(family: Family): Contains {
  const known = new Map<string, Map<string, boolean>>();
  return (range, address) => {
    const answers = known.get(range) ?? new Map<string, boolean>();
    known.set(range, answers);
    const answer = answers.get(address) ?? holds(family, range, address);
    answers.set(address, answer);
    return answer;
  };
}

function holds(family: Family, range: string, address: string): boolean {
  const [network = '', prefix = ''] = range.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(address, family);
}
