import { ruleWords } from '../../cni/rules/ours.ts';
import { type SavedTables } from '../../cni/rules/saved.ts';
import { compileMatch, type Contains, type Marks, type Matches, type Packet } from './packet.ts';

/** Where a packet ends up in one netns: what the last table that cared says, and the marks it then bears. */
export interface Fate extends Readonly<Marks> {
  /** `ACCEPT`, `DROP`, `REDIRECT 15001`, `TPROXY 15006` */
  readonly verdict: string;
}

interface CompiledRule {
  readonly name: string;
  readonly matches: Matches;
  readonly target: string;
  readonly args: readonly string[];
}

/** Sends packets through tables; `hits` are the rules that matched one so far. */
export interface Walker {
  readonly walk: (packet: Packet) => Fate;
  readonly hits: ReadonlySet<string>;
  readonly rules: readonly string[];
}

export function createWalker(tables: SavedTables, contains: Contains): Walker {
  const hits = new Set<string>();
  const compiled = new Map<string, CompiledRule[]>();
  for (const { name: table, chains } of tables) {
    for (const { name, rules } of chains) {
      const where = `${table} ${name}`;
      compiled.set(
        where,
        rules.map((text, index) => compileRule(`${where} ${index + 1}: ${text}`, text, contains)),
      );
    }
  }

  const traverse = (where: string, packet: Packet, marks: Marks): string | undefined => {
    const [table = ''] = where.split(' ', 1);
    for (const { name, matches, target, args } of compiled.get(where) ?? []) {
      if (!matches(packet, marks)) continue;
      hits.add(name);
      if (target === 'RETURN') return undefined;
      const inner = `${table} ${target}`;
      const verdict = compiled.has(inner)
        ? traverse(inner, packet, marks)
        : applyTarget(target, args, marks);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };

  const walk = (packet: Packet): Fate => {
    const marks: Marks = { mark: packet.mark, connmark: packet.connmark, zone: undefined };
    let verdict = 'ACCEPT';
    for (const table of ['raw', 'mangle', 'nat']) {
      // Only a connection's first packet is looked up in the nat table.
      if (verdict === 'DROP' || (table === 'nat' && packet.ctstate !== 'NEW')) break;
      const next = traverse(`${table} ${packet.hook}`, packet, marks);
      if (next !== undefined && next !== 'ACCEPT') verdict = next;
    }
    return { verdict, ...marks };
  };
  return { walk, hits, rules: [...compiled.values()].flat().map(({ name }) => name) };
}

function compileRule(name: string, text: string, contains: Contains): CompiledRule {
  const words = ruleWords(text);
  const at = words.indexOf('-j');
  const [target = '', ...args] = words.slice(at + 1);
  return { name, matches: compileMatch(words.slice(0, at), contains), target, args };
}

/** What the target does to the packet, and its verdict if it has one. */
function applyTarget(target: string, args: readonly string[], marks: Marks): string | undefined {
  const option = args[0] ?? '';
  const number = (name: string): number => Number(args[args.indexOf(name) + 1]?.split('/')[0]);
  switch (`${target} ${option}`.trim()) {
    case 'ACCEPT':
    case 'DROP':
      return target;
    case 'REDIRECT --to-port':
    case 'REDIRECT --to-ports':
      return `REDIRECT ${number(option)}`;
    case 'TPROXY --tproxy-mark':
    case 'TPROXY --on-port':
      marks.mark = number('--tproxy-mark');
      return `TPROXY ${number('--on-port')}`;
    case 'MARK --set-mark':
    case 'MARK --set-xmark':
      marks.mark = number(option);
      return undefined;
    case 'CONNMARK --save-mark':
      marks.connmark = marks.mark;
      return undefined;
    case 'CONNMARK --restore-mark':
      marks.mark = marks.connmark;
      return undefined;
    case 'CT --zone':
      marks.zone ??= number(option);
      return undefined;
    default:
      throw new Error(`cannot walk target "${target} ${option}"`);
  }
}
