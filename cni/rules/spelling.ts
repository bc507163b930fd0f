import { ruleWords } from './ours.ts';

/**
 * One spelling for what versions of iptables and of the C library print differently: quotes where none are needed,
 * defaults that are left out, and the dotted end of some IPv6 addresses (`::ffff:10.0.0.0/104`).
 */
export function canonicalRule(rule: string): string {
  return ruleWords(rule)
    .map((word) => (word.includes(' ') ? JSON.stringify(word) : undotted(word)))
    .join(' ')
    .replace(/ --nfmask 0xffffffff| --ctmask 0xffffffff| --on-ip (?:0\.0\.0\.0|::)(?= |$)/g, '');
}

function undotted(word: string): string {
  return word.replace(
    /^(::(?:ffff:)?)(\d+)\.(\d+)\.(\d+)\.(\d+)/,
    (_, start: string, ...bytes: string[]) => {
      const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
      return `${start}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    },
  );
}
