import fc from 'fast-check';

export type Table = 'raw' | 'mangle' | 'nat' | 'filter';

/** @param inner chains that can be gone to */
export function target(
  table: Table,
  chain: string,
  inner: readonly string[],
): fc.Arbitrary<string> {
  const plain = [
    '',
    '-j ACCEPT',
    '-j RETURN',
    ...inner.flatMap((to) => [`-j ${to}`, `-j ${to}`, `-g ${to}`]),
  ];
  return fc.constantFrom(...plain, ...special(table, chain));
}

function special(table: Table, chain: string): string[] {
  switch (table) {
    case 'raw':
      return ['-j CT --zone 1', '-j CT --zone 2', '-j CT --notrack', '-j DROP'];
    case 'mangle':
      return [
        ...MARKS,
        '-j DROP',
        // The kernel takes it in this hook only, and looks at whoever can be reached from another.
        ...(chain === 'PREROUTING' ? [TPROXY, TPROXY] : []),
      ];
    case 'nat':
      return [
        '-j REDIRECT --to-ports 15001',
        '-j REDIRECT --to-ports 15006',
        '-j REDIRECT --to-ports 15053',
      ];
    case 'filter':
      return ['-j DROP', '-j REJECT'];
  }
}

const TPROXY = '-j TPROXY --on-port 15006 --tproxy-mark 0x539/0xffffffff';
const MARKS = [
  '-j MARK --set-xmark 0x539/0xffffffff',
  '-j MARK --set-xmark 0x1/0xff',
  '-j MARK --set-mark 0x53a',
  '-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff',
  '-j CONNMARK --restore-mark --nfmask 0xffff --ctmask 0xffff',
  '-j CONNMARK --set-xmark 0x539/0xffffffff',
];
