import { type RedirectPlan } from '../../cni/redirect/plan.ts';
import { columns } from '../columns.ts';
import { type Command, ExitCode, type Io, usageError } from '../command.ts';
import { initPlan } from '../simulate/istio/plan.ts';
import { type Style } from '../style.ts';
import { istioWords } from './istio.ts';
import { readSelf } from './self.ts';
import { type Proof, validate } from './validation.ts';

interface Validation {
  /** `nothing` is to be redirected. */
  readonly verdict: 'redirected' | 'not redirected' | 'not provable' | 'nothing';
  readonly uid: number;
  readonly gid: number;
  readonly proofs: readonly Proof[];
}

export const command: Command = {
  usage: '[arguments of istio-iptables]',
  example:
    'sluice validate -p 15001 -z 15006 -u 1337 -m REDIRECT -i "*" -x "" -b "*" -d 15090,15021,15020',
  description:
    'Proves from inside a pod, as any user and without a capability, that its traffic is redirected, in both families:\n' +
    'it listens where the sidecar will and sends what the rules have to bring there. It stands in for istio-validation:\n' +
    "`istio-iptables … --run-validation` means the same, with exit code 126 for what is not redirected. As the sidecar's\n" +
    'own user it proves what that user can: outbound traffic and DNS only as another one, inbound only from outside.',
  options: {
    timeout: {
      type: 'string',
      value: '<seconds>',
      meaning: 'how long the rules may be waited for; 5 by default',
    },
    'run-validation': {
      type: 'boolean',
      meaning: 'exit code 126 instead of 1 and 3, which istio-cni repairs',
    },
  },
  offers: [],
  takes: Infinity,
  rewrite: istioWords,
  run: async ({ positionals, flag, text }, io) => {
    const plan = await planOf(positionals, io);
    const self = readSelf();
    const timeoutMs = secondsOf(text('timeout')) * 1000;
    const proofs = await validate(plan, self, { timeoutMs, signal: io.signal });
    const told: Validation = { verdict: verdictOf(proofs), uid: self.uid, gid: self.gid, proofs };
    const exitCode = exitCodeOf(told.verdict);
    return {
      exitCode:
        exitCode !== ExitCode.fine && flag('run-validation') ? ExitCode.unredirected : exitCode,
      value: told,
      text: (style) => render(told, style),
    };
  },
};

/** What the arguments leave out is captured, as the injector says it. */
async function planOf(args: readonly string[], { env }: Io): Promise<RedirectPlan> {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  const all = ['-i', '*', '-b', '*', ...args];
  const container = { name: 'istio-validation', init: true, args: all, env: variables };
  const { value, problems } = await initPlan({
    ...container,
    runAsUser: undefined,
    runAsGroup: undefined,
  });
  if (problems.length > 0) throw usageError(`cannot use ${problems.join('; ')}`);
  return value;
}

function secondsOf(text = '5'): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw usageError(`cannot use --timeout "${text}": wanted seconds`);
}

function verdictOf(proofs: readonly Proof[]): Validation['verdict'] {
  const has = (wanted: Proof['result']): boolean => proofs.some(({ result }) => result === wanted);
  if (proofs.length === 0) return 'nothing';
  if (has('missing')) return 'not redirected';
  return has('proven') ? 'redirected' : 'not provable';
}

function exitCodeOf(verdict: Validation['verdict']): ExitCode {
  if (verdict === 'not redirected') return ExitCode.problem;
  return verdict === 'not provable' ? ExitCode.unknown : ExitCode.fine;
}

function render({ verdict, uid, gid, proofs }: Validation, style: Style): string {
  const marks = {
    proven: style.good('yes'),
    missing: style.bad('no'),
    'no route': style.good('-'),
    'not provable': style.dim('?'),
  };
  const rows = proofs.map(({ aim, family, result, sentence }) => [
    `  ${aim}`,
    family,
    marks[result],
    sentence,
  ]);
  return `${headline(verdict, style)}, as user ${uid} and group ${gid}\n${columns(rows)}${advice(proofs)}`;
}

function headline(verdict: Validation['verdict'], { good, bad, odd }: Style): string {
  switch (verdict) {
    case 'redirected':
      return `the pod ${good('is redirected')}`;
    case 'not redirected':
      return `the pod ${bad('is not redirected')} as it should be`;
    case 'not provable':
      return `${odd('could not tell')} whether the pod is redirected`;
    case 'nothing':
      return 'nothing is to be redirected';
  }
}

/** What to do about it, once. */
function advice(proofs: readonly Proof[]): string {
  const missing = proofs.filter(({ result }) => result === 'missing');
  if (missing.length === 0) return '';
  const families = [...new Set(missing.map(({ family }) => family))];
  const proven = proofs.some(({ result }) => result === 'proven');
  const what = proven
    ? `some ${families.join(' and ')} rules are missing`
    : 'its netns holds none of the rules';
  return `  ${what}: see the log of sluice-agent on this node, and \`sluice explain <namespace>/<pod>\` there\n`;
}
