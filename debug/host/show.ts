import { type Inspection } from '../../cni/kernel/inspect.ts';
import { type Kernel } from '../../cni/kernel/kernel.ts';
import { type Backend } from '../../cni/kernel/tools.ts';
import { compare, renderDifference } from '../../cni/rules/compare.ts';
import { hasOurs } from '../../cni/rules/ours.ts';
import { type Place } from '../command.ts';
import { BACKENDS, holdsOurs, inBackend, lookElsewhere } from './backends.ts';
import { inspectHost } from './netns.ts';
import { type HostRecord, readHostRecord } from './state.ts';
import { type HostState, type HostValue } from './told.ts';

/** What the host holds, in whichever backend, against what was applied. */
export async function showHost(opened: Kernel, { stateDir }: Place): Promise<HostValue> {
  const record = readHostRecord(stateDir, opened.netns.inode);
  const kernel = withBackend(opened, record);
  const found = await inspectHost(kernel);
  const { held, warnings } = await lookElsewhere(kernel);
  const isThere = hasOurs(found.ipv4.tables) || hasOurs(found.ipv6.tables);
  const places = [
    ...(isThere ? [kernel.tools.backend] : []),
    ...(holdsOurs(held) ? [held.kernel.tools.backend] : []),
  ];
  const { state, summary } = standing(record, { found, places, backend: kernel.tools.backend });
  const value = valueOf(kernel, { state, summary, record, warnings });
  return places.length === 0 ? value : { ...value, backend: places.join(' and ') };
}

/** The one that holds the rules, whichever would be chosen now. */
export function withBackend(kernel: Kernel, record: HostRecord | undefined): Kernel {
  const backend = BACKENDS.find((each) => each === record?.backend) ?? kernel.tools.backend;
  return inBackend(kernel, backend);
}

interface Standing {
  readonly state: HostState;
  readonly summary: string;
}

function standing(
  record: HostRecord | undefined,
  {
    found,
    places,
    backend,
  }: { readonly found: Inspection; readonly places: readonly Backend[]; readonly backend: Backend },
): Standing {
  const where = places.join(' and in ');
  if (!record) {
    if (places.length === 0) return { state: 'none', summary: 'the host is not redirected' };
    const summary = `rules of a mesh are in ${where}, not recorded here`;
    return { state: 'unrecorded', summary };
  }
  if (places.length === 0) {
    const summary = 'the rules are gone, by a reboot or by somebody: apply them again';
    return { state: 'gone', summary };
  }
  if (places.length > 1 || !places.includes(backend)) {
    const summary = `the host is redirected by rules in ${where}, not in ${backend} alone as was applied: apply them again`;
    return { state: 'different', summary };
  }
  const [difference] = record.families.flatMap((family) => {
    const one = compare(record.rules[family], found[family].tables);
    return one ? [`${family}: ${renderDifference(one)}`] : [];
  });
  return difference === undefined
    ? { state: 'redirected', summary: `the host is redirected since ${record.appliedAt}` }
    : {
        state: 'different',
        summary: `the host is redirected otherwise than was applied: ${difference}`,
      };
}

export function valueOf(
  { netns: { path, inode }, tools: { backend } }: Kernel,
  {
    state,
    summary,
    record,
    warnings,
  }: Standing & {
    readonly record: HostRecord | undefined;
    readonly warnings: readonly string[];
  },
): HostValue {
  return {
    state,
    summary,
    netns: { path, inode },
    backend,
    families: record?.families ?? [],
    addresses: record?.addresses ?? [],
    settings: record?.settings ?? [],
    warnings,
    rules: undefined,
    appliedAt: record?.appliedAt,
  };
}
