const OWN = ['--timeout', '--output'];
const FORMATS = ['text', 'json', 'yaml'];

/**
 * Arguments as the injector writes them for istio-validation: `istio-iptables -p 15001 … --run-validation`. Istio's letters
 * are not ours (`-o` lists ports), and its releases add words: what is not ours is passed on as it stands.
 */
export function istioWords(args: readonly string[]): string[] {
  const own: string[] = [];
  const theirs: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [word = '', next = ''] = args.slice(at, at + 2);
    const isFormat = word === '-o' && FORMATS.includes(next);
    if (OWN.includes(word) || isFormat) {
      own.push(word, next);
      at += 1;
    } else if (OWN.some((name) => word.startsWith(`${name}=`))) own.push(word);
    else if (/^--run-validation(?:=true)?$/.test(word) || word === 'istio-iptables') own.push(FLAG);
    else theirs.push(word);
  }
  return [...own, '--', ...theirs];
}

const FLAG = '--run-validation';
