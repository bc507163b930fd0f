import { type Evidence, TRIALS, tryBackend } from '../../agent/trial.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { fine, type Finding } from './outcome.ts';

const BACKENDS: readonly Backend[] = ['iptables-nft', 'iptables-legacy'];

/** Tries both in netns of their own, as an ADD would use them. One that redirects is enough; pods may want the rest. */
export async function lookAtBackends(toolsDir: string | undefined): Promise<Finding> {
  const found: Evidence[] = [];
  for (const backend of BACKENDS) {
    for (const trial of TRIALS) found.push(await tryBackend(backend, trial, { toolsDir }));
  }
  return judgedBackends(found);
}

export function judgedBackends(evidence: readonly Evidence[]): Finding {
  const works = ({ failure }: Evidence): boolean => failure === undefined;
  const says = BACKENDS.map((backend) => told(evidence.filter((each) => each.backend === backend)));
  if (!evidence.some((each) => each.trial === 'redirect' && works(each))) {
    const next = 'look at the kernel: it needs nf_tables or ip_tables with nat, owner and comment';
    return { verdict: 'problem', says: says.join('; '), next };
  }
  if (
    BACKENDS.some((backend) => evidence.filter((each) => each.backend === backend).every(works))
  ) {
    return fine(says.join('; '));
  }
  return { verdict: 'warning', says: says.join('; ') };
}

function told(evidence: readonly Evidence[]): string {
  const [redirect] = evidence;
  if (!redirect) return '';
  const { backend, failure, families } = redirect;
  if (failure !== undefined) return `${backend} does not work: ${failure}`;
  const failed = evidence.filter((each) => each.failure !== undefined);
  const but = failed.map(({ trial, failure: why }) => `, but not ${trial} (${why ?? ''})`);
  const all = failed.length === 0 ? ', also DNS, also with TPROXY' : '';
  return `${backend} redirects ${families.join(' ')}${all}${but.join('')}`;
}
