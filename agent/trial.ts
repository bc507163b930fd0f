import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSession } from '../cni/kernel/session.ts';
import { type Backend, need } from '../cni/kernel/tools.ts';
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

/** Where distributions keep `unshare` and `cat`. */
const DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Does to a netns of its own what an ADD would do to a pod's. Never rejects: that it cannot be done is evidence. */
export async function tryBackend(
  backend: Backend,
  trial: Trial,
  { toolsDir, timeoutMs = 20_000 }: { toolsDir: string | undefined; timeoutMs?: number },
): Promise<Evidence> {
  const deadlineAt = performance.now() + timeoutMs;
  try {
    const planned = rulesets(await planFor(trial), VERSION);
    const { families, warnings } = await inOwnNetns(toolsDir, async (path) => {
      const session = await openSession(path, { backend, toolsDir, deadlineAt });
      try {
        return await session.apply(planned);
      } finally {
        session.close();
      }
    });
    return { backend, trial, families, warnings, failure: undefined };
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

/** The netns lives as long as a process in it, and dies with us if we are killed: its stdin ends. */
async function inOwnNetns<T>(
  toolsDir: string | undefined,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const directories = [...(toolsDir === undefined ? [] : [toolsDir]), ...DIRECTORIES];
  const [unshare, cat] = ['unshare', 'cat'].map((name) => need(name, directories));
  const child = spawn(unshare ?? '', ['--net', '--', cat ?? ''], {
    env: {},
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const closed = once(child, 'close').catch(() => []);
  try {
    const path = `/proc/${child.pid ?? 0}/ns/net`;
    await entered(path, closed).catch((cause: unknown) => {
      throw new Error(`cannot make a netns: ${said.join('').trim()}`, { cause });
    });
    return await work(path);
  } finally {
    child.stdin.end();
    await closed;
  }
}

async function entered(path: string, closed: Promise<unknown>): Promise<void> {
  const own = statSync('/proc/self/ns/net').ino;
  const ended = closed.then(() => {
    throw new Error('unshare ended');
  });
  ended.catch(() => undefined);
  for (;;) {
    if ((statSync(path, { throwIfNoEntry: false })?.ino ?? own) !== own) return;
    await Promise.race([sleep(2), ended]);
  }
}
