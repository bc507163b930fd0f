import { hasConnection, type Marks, type Passing, stateOf } from './packet.ts';
import { type Target } from './rule.ts';

/** What ends a packet's way through a table; `unknown` is a target that we cannot follow. */
export type Verdict =
  'ACCEPT' | 'DROP' | 'REJECT' | `REDIRECT ${number}` | `TPROXY ${number}` | 'unknown';

/** Targets that change nothing that a rule we know could see. */
const HARMLESS = new Set(
  'AUDIT CHECKSUM CLASSIFY DSCP ECN IDLETIMER LED LOG NFLOG RATEEST SECMARK SET TCPMSS TCPOPTSTRIP TEE TOS TRACE ULOG'.split(
    ' ',
  ),
);
const ALL = 0xffffffff;

/** What the target does to the packet, and its verdict; undefined where the next rule is looked at. */
export function applyTarget({ name, args }: Target, passing: Passing): Verdict | undefined {
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'REJECT':
      return name;
    case 'REDIRECT':
      return redirect(args, passing);
    case 'TPROXY':
      return intercept(args, passing.marks);
    case 'MARK':
      return setMark(args, passing.marks);
    case 'CONNMARK':
      return setConnmark(args, passing);
    case 'NOTRACK': {
      untrack(passing);
      return;
    }
    case 'CT':
      return track(args, passing);
    default:
      return HARMLESS.has(name) ? undefined : 'unknown';
  }
}

function redirect(args: readonly string[], { packet }: Passing): Verdict {
  if (args.length === 0) return `REDIRECT ${packet.dport}`;
  const [option = '', port = '', ...more] = args;
  const isKnown = /^--to-ports?$/.test(option) && /^\d+$/.test(port) && more.length === 0;
  return isKnown ? `REDIRECT ${Number(port)}` : 'unknown';
}

function intercept(args: readonly string[], marks: Marks): Verdict {
  const port = option(args, '--on-port');
  const [value = 0, mask = ALL] = numbers(option(args, '--tproxy-mark') ?? '0/0');
  if (port === undefined) return 'unknown';
  marks.mark = ((marks.mark & ~mask) ^ value) >>> 0;
  return `TPROXY ${Number(port)}`;
}

function setMark([how = '', text = '']: readonly string[], marks: Marks): Verdict | undefined {
  const [value = NaN, mask = ALL] = numbers(text);
  if (Number.isNaN(value) || (how !== '--set-mark' && how !== '--set-xmark')) return 'unknown';
  marks.mark = changed(marks.mark, { how, value, mask });
  return undefined;
}

/** `--set-mark` sets the bits of the value beside those of the mask. */
function changed(old: number, change: { how: string; value: number; mask: number }): number {
  const { how, value, mask } = change;
  const cleared = how === '--set-mark' ? mask | value : mask;
  return ((old & ~cleared) ^ value) >>> 0;
}

function setConnmark(args: readonly string[], passing: Passing): Verdict | undefined {
  const { marks } = passing;
  const [how = '', text = ''] = args;
  const nfmask = Number(option(args, '--nfmask') ?? ALL);
  const ctmask = Number(option(args, '--ctmask') ?? ALL);
  const [value = NaN, mask = ALL] = numbers(text);
  if (!hasConnection(passing)) return isConnmark(how) ? undefined : 'unknown';
  switch (how) {
    case '--save-mark':
      marks.connmark = ((marks.connmark & ~ctmask) ^ (marks.mark & nfmask)) >>> 0;
      return undefined;
    case '--restore-mark':
      marks.mark = ((marks.mark & ~nfmask) ^ (marks.connmark & ctmask)) >>> 0;
      return undefined;
    case '--set-mark':
    case '--set-xmark':
      if (Number.isNaN(value)) return 'unknown';
      marks.connmark = changed(marks.connmark, { how, value, mask });
      return undefined;
    default:
      return 'unknown';
  }
}

function isConnmark(how: string): boolean {
  return ['--save-mark', '--restore-mark', '--set-mark', '--set-xmark'].includes(how);
}

/** The first one decides: the target leaves packets alone that connection tracking was told of. */
function track(args: readonly string[], passing: Passing): Verdict | undefined {
  const { packet, marks } = passing;
  const [how = '', zone = ''] = args;
  if (how === '--notrack') {
    untrack(passing);
    return;
  }
  if (how !== '--zone' || !/^\d+$/.test(zone) || args.length > 2) return 'unknown';
  if (packet.looped === true || marks.untracked) return undefined;
  marks.zone ??= Number(zone);
  return undefined;
}

function untrack(passing: Passing): undefined {
  if (stateOf(passing) === 'INVALID') passing.marks.untracked = true;
  return undefined;
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args[at + 1];
}

/** `0x539/0xffffffff` */
function numbers(text: string): number[] {
  return text === '' ? [] : text.split('/').map(Number);
}
