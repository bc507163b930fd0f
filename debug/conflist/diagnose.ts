import { unknownKeyWarnings } from '../../cni/spec/keys.ts';
import { readSettings } from '../../cni/spec/settings.ts';
import { PLUGIN } from '../../install/entry.ts';
import { DROP_IN } from '../../install/placement.ts';
import { type Finding, finding } from './finding.ts';
import { type Loaded, loadedBy, unloadedOurs } from './loaded.ts';
import { type Observation, type PluginEntry } from './observe.ts';
import { oddFiles } from './odd.ts';

const CAPABILITY = 'io.kubernetes.cri.pod-annotations';
const OTHER_MESHES = ['istio-cni', 'linkerd-cni', 'kuma-cni', 'osm-cni', 'consul-cni'];
const DELEGATING = ['multus', 'multus-shim', 'genie', 'danm'];

/** All that is wrong or odd, problems first. */
export function diagnose(observation: Observation): Finding[] {
  const loaded = loadedBy(observation);
  const found = [
    ...(loaded ? loadedFindings(loaded, observation) : [nothingLoaded(observation)]),
    ...elsewhere(observation, loaded),
    ...oddFiles(observation, loaded),
  ];
  const order: readonly Finding['severity'][] = ['problem', 'warning', 'note'];
  return order.flatMap((severity) => found.filter((each) => each.severity === severity));
}

function nothingLoaded({ files: [first] }: Observation): Finding {
  if (first?.configuration.is !== 'broken') {
    const message = 'there is no network configuration: the node is not ready';
    return finding('no-configuration', undefined, message);
  }
  const message = `"${first.name}" ${first.configuration.problem}: the runtime loads nothing, and the node is not ready`;
  return finding('first-broken', first.name, message);
}

function loadedFindings(loaded: Loaded, observation: Observation): Finding[] {
  const { file, plugins } = loaded;
  const own = plugins.filter(({ type }) => type === PLUGIN);
  return [
    ...placeFindings(loaded, own),
    ...missingExecutables(plugins, observation),
    ...own.flatMap((plugin) => entryFindings(plugin, file.name, observation)),
    ...plugins.flatMap(({ type, from }) => neighbourFindings(type, from)),
  ];
}

function missingExecutables(
  plugins: Loaded['plugins'],
  { binDir, isThere }: Observation,
): Finding[] {
  if (binDir === undefined) {
    const message =
      'there is no CNI bin dir where it was looked for: the executables were not seen';
    return [finding('bin-dir-missing', undefined, message)];
  }
  return plugins
    .filter(({ type }) => !isThere({ type }))
    .map(({ type, from }) =>
      finding('executable-missing', from, `no executable is in ${binDir} for plugin "${type}"`),
    );
}

function placeFindings(
  { file, plugins, position }: Loaded,
  own: readonly PluginEntry[],
): Finding[] {
  if (position === 0) {
    const message = `"${file.name}", which the runtime loads, has no entry of ours: no pod is redirected`;
    return [finding('entry-missing', file.name, message)];
  }
  if (own.length > 1) {
    return [finding('entry-twice', file.name, `our entry is there ${own.length} times`)];
  }
  if (position === plugins.length) return [];
  const behind = plugins.slice(position).map(({ type }) => type);
  return [finding('entry-not-last', file.name, `${behind.join(', ')} comes behind our entry`)];
}

function entryFindings(
  { entry, kubeconfig }: PluginEntry,
  file: string,
  { isThere }: Observation,
): Finding[] {
  const { capabilities } = entry;
  const hasCapability = JSON.stringify(capabilities ?? {}).includes(`"${CAPABILITY}":true`);
  return [
    ...wrongKeys(entry, file),
    ...unknownKeyWarnings(Object.keys(entry)).map((text) => finding('key-unknown', file, text)),
    ...(hasCapability
      ? []
      : [finding('capability-missing', file, `our entry lacks the capability "${CAPABILITY}"`)]),
    ...(kubeconfig === undefined || isThere({ path: kubeconfig })
      ? []
      : [
          finding(
            'kubeconfig-missing',
            file,
            `"${kubeconfig}", which our entry names, is not there`,
          ),
        ]),
  ];
}

function wrongKeys(entry: PluginEntry['entry'], file: string): Finding[] {
  try {
    readSettings(entry);
    return [];
  } catch (error) {
    return [finding('entry-wrong', file, error instanceof Error ? error.message : String(error))];
  }
}

function neighbourFindings(type: string, file: string): Finding[] {
  if (OTHER_MESHES.includes(type)) {
    return [finding('other-mesh', file, `plugin "${type}" redirects traffic as well`)];
  }
  return DELEGATING.includes(type)
    ? [finding('delegates', file, `plugin "${type}" delegates to networks of its own`)]
    : [];
}

function elsewhere(observation: Observation, loaded: Loaded | undefined): Finding[] {
  return unloadedOurs(observation, loaded).map((name) => {
    const isUnused =
      loaded?.file.configuration.is === 'list' &&
      !loaded.file.configuration.takesDropIns &&
      name === `${loaded.network}/${DROP_IN}`;
    return isUnused
      ? finding('drop-in-unused', name, `"${loaded.file.name}" takes no plugins from its directory`)
      : finding('entry-elsewhere', name, `an entry of ours is in "${name}", which is not loaded`);
  });
}
