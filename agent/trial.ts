import { makeNetns } from '../cni/kernel/ownnetns.ts';
import { openSession } from '../cni/kernel/session.ts';
import { type Backend } from '../cni/kernel/tools.ts';
import { type Family } from '../cni/redirect/cidrs.ts';
import { decide } from '../cni/redirect/decide.ts';
import { parsePod } from '../cni/redirect/pod.ts';
import { rulesets } from '../cni/rules/ruleset.ts';
import { causes } from '../cni/spec/error.ts';
import { VERSION } from '../cni/version.ts';

/** What a pod may want of a backend. Only the first decides: nodes without the others serve most pods. */
export const TRIALS = ['redirect', 'dns', 'tproxy'] as const;
export type Trial = (typeof TRIALS)[number];

export interface Evidence {
  readonly backend: Backend;
  readonly trial: Trial;
  /** Whose rules were programmed and read back. */
  readonly families: readonly Family[];
  readonly warnings: readonly string[];
  /** Undefined: it works. */
  readonly failure: string | undefined;
}

interface TryOptions {
  readonly toolsDir: string | undefined;
  readonly timeoutMs?: number;
  /** Ends it at once; what it found then is no evidence. */
  readonly signal?: AbortSignal;
}

/** Does to a netns of its own what an ADD would do to a pod's. Never rejects: that it cannot be done is evidence. */
export async function tryBackend(
  backend: Backend,
  trial: Trial,
  { toolsDir, timeoutMs = 20_000, signal }: TryOptions,
): Promise<Evidence> {
  const deadlineAt = performance.now() + timeoutMs;
  try {
    const planned = rulesets(await planFor(trial), VERSION);
    const netns = await makeNetns(toolsDir, signal);
    try {
      const session = await openSession(netns.path, { backend, toolsDir, deadlineAt, signal });
      try {
        const { families, warnings } = await session.apply(planned);
        return { backend, trial, families, warnings, failure: undefined };
      } finally {
        session.close();
      }
    } finally {
      await netns.close();
    }
  } catch (error) {
    const said = error instanceof Error ? [error.message, ...causes(error)] : [String(error)];
    return { backend, trial, families: [], warnings: [], failure: said.join(': ').slice(0, 2_000) };
  }
}

type Plan = Parameters<typeof rulesets>[0];

async function planFor(trial: Trial): Promise<Plan> {
  const decision = await decide(
    parsePod({
      metadata: {
        namespace: 'sluice-system',
        name: 'trial',
        annotations: {
          'sidecar.istio.io/status': '{}',
          'sidecar.istio.io/interceptionMode': trial === 'tproxy' ? 'TPROXY' : 'REDIRECT',
        },
      },
      spec: {
        containers: [
          {
            name: 'istio-proxy',
            args: ['proxy', 'sidecar'],
            env: [{ name: 'ISTIO_META_DNS_CAPTURE', value: String(trial === 'dns') }],
          },
        ],
      },
    }),
  );
  if (decision.action === 'redirect') return decision.plan;
  throw new Error(`cannot try a pod that is skipped: ${decision.reason}`);
}
