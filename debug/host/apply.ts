import { existsSync } from 'node:fs';
import { applyRules, type Applied } from '../../cni/kernel/apply.ts';
import { type Kernel } from '../../cni/kernel/kernel.ts';
import { removeTproxyRoute } from '../../cni/kernel/routes.ts';
import { type Rulesets, rulesets } from '../../cni/rules/ruleset.ts';
import { VERSION } from '../../cni/version.ts';
import { type Arguments, CommandError, ExitCode, type Io, usageError } from '../command.ts';
import { clear, type Elsewhere, holdsOurs, lookElsewhere } from './backends.ts';
import { followingConnections, isAboutFollowing } from './follow.ts';
import { hazards, type Surroundings } from './hazards.ts';
import { addressesIn, inspectHost, readSockets } from './netns.ts';
import { type HostPlan, planHost, ruleLines } from './planned.ts';
import { writeHostRecord } from './state.ts';
import { type HostValue } from './told.ts';

const SSH = 22;
const KUBELET = '/var/lib/kubelet/pods';

/** How long an open connection has to speak before it is redirected in its middle. */
const SETTLE_MS = 2_000;

export interface Applying {
  readonly planned: HostPlan;
  readonly addresses: readonly string[];
}

/** What is wanted of a host. @throws {CommandError} `usage` */
export async function readApplying(args: Arguments): Promise<Applying> {
  const addresses = args.texts('address');
  if (addresses.length === 0) {
    throw usageError(
      "cannot tell whether this is the host that is meant: wanted --address, the workload's",
    );
  }
  if (args.text('netns') === undefined && existsSync(KUBELET)) {
    throw new CommandError(
      ExitCode.problem,
      `cannot redirect a node of Kubernetes as a host: "${KUBELET}" is there`,
    );
  }
  return { planned: await planHost(args), addresses };
}

/**
 * Redirects the traffic of a host, or tells what it would do. Both families are programmed and read back, or nothing is.
 *
 * @throws {CommandError} `problem` when somebody would be locked out, or the rules cannot be had; nothing is left then
 */
export async function applyToHost(
  kernel: Kernel,
  { planned, addresses }: Applying,
  { args, io }: { readonly args: Arguments; readonly io: Io },
): Promise<HostValue> {
  const { plan, settings } = planned;
  const found = await lookAround(kernel, io);
  const [withoutSsh, withoutProxy] = [args.flag('without-ssh'), args.flag('without-proxy')];
  const reasons = hazards({ plan, addresses, withoutSsh, withoutProxy }, found);
  if (reasons.length > 0) {
    throw new CommandError(ExitCode.problem, `cannot redirect this host: ${reasons.join('; ')}`);
  }
  const elsewhere = await lookElsewhere(kernel);
  const rules = rulesets(plan, VERSION);
  const { path, inode } = kernel.netns;
  const netns = { path, inode };
  const { backend } = kernel.tools;
  const common = { netns, backend, addresses, settings };
  if (args.flag('dry-run')) {
    const lines = { ipv4: ruleLines(rules.ipv4), ipv6: ruleLines(rules.ipv6) };
    const summary = 'these rules would redirect the host: nothing was changed';
    return {
      state: 'planned',
      summary,
      ...common,
      families: [],
      warnings: [...planned.warnings, ...elsewhere.warnings, ...wouldMove(elsewhere)],
      rules: lines,
      appliedAt: undefined,
    };
  }
  const applied = await program(kernel, rules, {
    io,
    connections: found.sockets.connections,
    held: elsewhere.held,
  });
  const appliedAt = new Date().toISOString();
  const { families } = applied;
  const record = { schema: 1, appliedAt, version: VERSION, ...common, families, rules } as const;
  const unwritten = await writeHostRecord(io.place.stateDir, record).then(
    () => [],
    (error: unknown) => [
      `the record was not written, so \`host show\` cannot compare: ${String(error)}`,
    ],
  );
  const warnings = [
    ...planned.warnings,
    ...elsewhere.warnings,
    ...applied.warnings.filter((text) => !isAboutFollowing(text)),
    ...unwritten,
  ];
  const summary = 'the host is redirected, as read back from the kernel';
  return {
    state: 'redirected',
    summary,
    ...common,
    families,
    warnings,
    rules: undefined,
    appliedAt,
  };
}

function wouldMove({ held }: Elsewhere): string[] {
  return holdsOurs(held) ? [`the rules in ${held.kernel.tools.backend} would be taken away`] : [];
}

async function lookAround(kernel: Kernel, { env }: Io): Promise<Surroundings> {
  const [inspection, sockets] = [await inspectHost(kernel), await readSockets(kernel)];
  // `<client> <port> <server> <port>`, set by sshd.
  const own = Number(env.SSH_CONNECTION?.split(' ')[3]);
  const sshPorts = [...new Set([SSH, ...(Number.isInteger(own) ? [own] : [])])];
  return { addresses: addressesIn(inspection), sockets, sshPorts };
}

async function program(
  kernel: Kernel,
  rules: Rulesets,
  {
    io,
    connections,
    held,
  }: { readonly io: Io; readonly connections: number; readonly held: Elsewhere['held'] },
): Promise<Applied> {
  const settleMs = connections > 0 ? SETTLE_MS : 0;
  // Said now: an SSH session that shows it has spoken by then.
  if (settleMs > 0) {
    io.stderr(
      `following ${connections} open connections for ${settleMs} ms; one that stays silent may break\n`,
    );
  }
  try {
    return await followingConnections(kernel, { settleMs, signal: io.signal }, () =>
      applyAlone(kernel, rules, held),
    );
  } catch (cause) {
    throw new CommandError(ExitCode.problem, 'cannot redirect this host', { cause });
  }
}

/** The host is redirected before what the other backend held is taken away. */
async function applyAlone(
  kernel: Kernel,
  rules: Rulesets,
  held: Elsewhere['held'],
): Promise<Applied> {
  if (held === undefined) return applyRules(kernel, rules);
  try {
    return await applyRules(kernel, rules);
  } finally {
    // Gone by now, but where that has failed: then the routes are gone on which these rules rely.
    await clear(held);
    for (const { family, tproxyRoute } of [rules.ipv4, rules.ipv6]) {
      if (!tproxyRoute) await removeTproxyRoute(kernel, family);
    }
  }
}
