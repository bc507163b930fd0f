import { EXCLUDE_INBOUND_PORTS, INCLUDE_INBOUND_PORTS, STATUS_PORT } from './annotations.ts';
import { portSet, STATUS_PORTS } from './formats.ts';
import { type PodFacts } from './pod.ts';
import {
  commonRanges,
  mergeRanges,
  parsePortRanges,
  type PortRange,
  type PortSet,
  renderPortSet,
} from './ports.ts';
import { clip } from './quote.ts';
import { annotation } from './said.ts';
import { read, type Reading, type Setting, together } from './settings.ts';

/** `all`: every TCP port but these; `ports`: only these (the excludes do not count then); `none`. */
export type Inbound =
  | { readonly capture: 'all'; readonly exclude: readonly PortRange[] }
  | { readonly capture: 'ports'; readonly ports: readonly PortRange[] }
  | { readonly capture: 'none' };

/** The sidecar's own ports for health and metrics: who asks there wants the sidecar, not the app. */
const SIDECAR_PORTS = parsePortRanges('15020,15021,15090');

interface Said {
  readonly include: PortSet;
  readonly exclude: PortSet;
  readonly status: readonly PortRange[];
}

/** Which inbound ports are captured, from three annotations that count only together. */
export async function readInbound(pod: PodFacts): Promise<Reading<Inbound>> {
  const include = annotation(pod, INCLUDE_INBOUND_PORTS);
  const exclude = annotation(pod, EXCLUDE_INBOUND_PORTS);
  const status = annotation(pod, STATUS_PORT);
  const said = together<Said>({
    include: await read('includeInboundPorts', include, portSet('*')),
    exclude: await read('excludeInboundPorts', exclude, portSet('')),
    status: await read('statusPort', status, STATUS_PORTS),
  });
  const included = said.value.include;
  const excluded = allExcluded(said.value);
  return {
    value: capture(included, excluded),
    settings: effective(included, excluded, {
      include: include?.source ?? 'default',
      exclude: [exclude?.source, ...(excluded === 'all' ? [] : [status?.source, 'default'])]
        .filter(Boolean)
        .join(', '),
    }),
    warnings: [...said.warnings, ...overruled(included, excluded)],
    problems: said.problems,
  };
}

function allExcluded({ exclude, status }: Said): PortSet {
  return exclude === 'all' ? exclude : mergeRanges([...exclude, ...status, ...SIDECAR_PORTS]);
}

function capture(include: PortSet, exclude: PortSet): Inbound {
  if (include !== 'all') {
    return include.length > 0 ? { capture: 'ports', ports: include } : { capture: 'none' };
  }
  return exclude === 'all' ? { capture: 'none' } : { capture: 'all', exclude };
}

/** What is said in one annotation and overruled in another is told as its effect, with the place that decides. */
function effective(
  include: PortSet,
  exclude: PortSet,
  sources: { readonly include: string; readonly exclude: string },
): Setting[] {
  const listed = include !== 'all';
  const none = include === 'all' && exclude === 'all';
  return [
    {
      name: 'includeInboundPorts',
      value: none ? '' : renderPortSet(include),
      source: none ? sources.exclude : sources.include,
    },
    {
      name: 'excludeInboundPorts',
      value: listed ? '' : renderPortSet(exclude),
      source: listed ? sources.include : sources.exclude,
    },
  ];
}

function overruled(include: PortSet, exclude: PortSet): string[] {
  if (include === 'all') return [];
  const both = exclude === 'all' ? include : commonRanges(include, exclude);
  if (both.length === 0) return [];
  return [
    `inbound ports ${clip(renderPortSet(both))} are excluded, but captured: the list of included ones wins`,
  ];
}
