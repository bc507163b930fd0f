/** `npm run docs`: the screens under docs/, from a real run of the packaged executable on the demo's node. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { join } from 'node:path';
import { execa } from 'execa';
import { chooseBackend } from '../../agent/backend.ts';
import { writeFacts } from '../../agent/disk.ts';
import { cutPod } from '../../agent/pod.ts';
import { tryBackend } from '../../agent/trial.ts';
import { createCleanup } from '../../test/support/cleanup.ts';
import { demoDirectory, demoName, removeLeftovers } from '../leftovers.ts';
import { meshedPod, unmeshedPod } from '../pods.ts';
import { setStage, type Stage } from '../stage.ts';
import { BROKEN, type Screen, WHOLE } from './screens.ts';
import { renderSvg } from './svg.ts';

const docs = join(import.meta.dirname, '../../docs');
const dist = join(import.meta.dirname, '../../dist');
const directory = demoDirectory(process.pid);
const cleanup = createCleanup();
cleanup.add(() => rm(directory, { recursive: true, force: true }));

try {
  await removeLeftovers();
  const prefix = demoName(process.pid);
  const step = (title: string): void => void process.stdout.write(`… ${title}\n`);
  const stage = await setStage({ prefix, directory, pluginPath: dist, step, cleanup });
  // So that it is seen what there is without one.
  stage.agent.close();
  await furnish(stage);
  await mkdir(join(docs, 'screens'), { recursive: true });
  for (const screen of WHOLE) await take(screen, stage, prefix);
  await execa('ip', [
    'netns',
    'exec',
    stage.meshed.netns.name,
    'ip6tables-nft',
    '-t',
    'nat',
    '-F',
    'OUTPUT',
  ]);
  for (const screen of BROKEN) await take(screen, stage, prefix);
  await writeFile(join(docs, 'screens.md'), index([...WHOLE, ...BROKEN]));
} finally {
  await cleanup.run();
}

/** What an agent would have put on the node. */
async function furnish({ runtime, unmeshed }: Stage): Promise<void> {
  const stateDir = `${directory}/state`;
  const pods = [meshedPod, unmeshedPod].map((pod) =>
    cutPod({ ...pod, status: { phase: 'Running' } }),
  );
  const observedAt = new Date().toISOString();
  await writeFacts(
    `${stateDir}/pods`,
    new Map(pods.map((pod) => [pod.metadata.uid, { pod, observedAt }])),
  );
  await chooseBackend({
    stateDir,
    wanted: 'auto',
    tryBackend: (backend, trial) => tryBackend(backend, trial, { toolsDir: undefined }),
  });
  await mkdir(`${directory}/net.d`);
  await writeFile(
    `${directory}/net.d/10-demo.conflist`,
    JSON.stringify(runtime.conflist, undefined, 2),
  );
  await mkdir(`${directory}/results`);
  await writeFile(`${directory}/results/demo-unmeshed`, cachedResult(unmeshed));
  await execa('ln', ['-s', `${dist}/sluice-cni`, `${directory}/sluice`]);
  await mkdir(`${directory}/bin`);
  for (const [name, path] of [
    ['sluice-cni', dist],
    ['bridge', '/usr/lib/cni'],
    ['portmap', '/usr/lib/cni'],
  ]) {
    await execa('ln', ['-s', `${path ?? ''}/${name ?? ''}`, `${directory}/bin/`]);
  }
}

/** What libcni keeps of an ADD; the demo calls the plugins without it. */
function cachedResult({ netns, attachment }: Stage['unmeshed']): string {
  const { containerId, ifName, args } = attachment;
  const about = { containerId, ifName, networkName: 'demo', netns: netns.path };
  return JSON.stringify({ kind: 'cniCacheV1', ...about, cniArgs: Object.entries(args) });
}

/** Runs a command on a terminal of its own, so that it is coloured. */
async function take({ name, command }: Screen, { runtime }: Stage, prefix: string): Promise<void> {
  const { stdout } = await execa(
    'script',
    [
      '--quiet',
      '--return',
      '--command',
      `nsenter --net=${runtime.node.path} -- ${directory}/sluice ${command}`,
      '/dev/null',
    ],
    {
      reject: false,
      input: '',
      cwd: import.meta.dirname,
      env: {
        TERM: 'xterm',
        NO_COLOR: '',
        SLUICE_STATE_DIR: `${directory}/state`,
        SLUICE_AGENT_SOCKET: `${directory}/agent.sock`,
        SLUICE_CNI_NET_DIR: `${directory}/net.d`,
        SLUICE_CNI_BIN_DIR: `${directory}/bin`,
        SLUICE_CNI_RESULTS_DIR: `${directory}/results`,
      },
    },
  );
  const shown = `$ sluice ${command}\n${asOnANode(stdout, prefix)}`;
  await writeFile(join(docs, 'screens', `${name}.svg`), renderSvg(shown));
  process.stdout.write(`\n${stripVTControlCharacters(shown)}\n`);
}

/** Only the places are not as they would be elsewhere. */
function asOnANode(text: string, prefix: string): string {
  return text
    .replaceAll(`${directory}/state`, '/var/lib/sluice')
    .replaceAll(`${directory}/agent.sock`, '/run/sluice/agent.sock')
    .replaceAll(`${directory}/net.d`, '/etc/cni/net.d')
    .replaceAll(`${directory}/bin`, '/opt/cni/bin')
    .replaceAll(`${prefix}-`, 'cni-')
    .replaceAll('\r', '');
}

function index(screens: readonly Screen[]): string {
  const parts = screens.map(
    ({ name, title, command }) =>
      `## ${title}\n\n\`sluice ${command}\`\n\n![${title}](screens/${name}.svg)\n`,
  );
  const about =
    'Made by `npm run docs` from a real run on the node of the demo, which has no Kubernetes: so the agent does not answer.\n';
  return [`# What the commands print\n\n${about}`, ...parts].join('\n');
}
