import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { type Logger } from 'pino';
import { KEYS } from '../cni/spec/settings.ts';
import { type InstallConfig, leasePath, OWN_LIST } from '../install/config.ts';
import { createFiles } from '../install/files.ts';
import { createInstallation } from '../install/install.ts';
import { serverUrl } from '../install/kubeconfig.ts';
import { holderAt, UNINSTALLER } from '../install/lease.ts';
import { renderStep, uninstall, type WayBack } from '../install/uninstall.ts';
import { type AgentConfig } from './config.ts';
import { type Metrics } from './metrics.ts';

/** The plugin on the node: put there and kept. */
export interface Installation {
  /** Keeps it installed, until aborted; nothing is taken away then. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
  readonly isComplete: () => boolean;
  /**
   * Takes it away, once it is not kept any more, and with it all else that Sluice has left on the node.
   *
   * @param beforeRemoval called when no runtime starts the plugin any more, and before anything that it needs goes
   * @returns the agent that came after us and keeps it, e.g. of a DaemonSet of another name; then nothing is taken away
   * @throws {Error} when our entry cannot be taken out, and then everything that it names stays
   */
  readonly remove: (beforeRemoval: () => Promise<void>) => Promise<string | undefined>;
  /**
   * Lets another agent keep it, once we do not any more: one that was there before us goes on where an upgrade is taken
   * back, and would wait for our next beat.
   */
  readonly release: () => Promise<void>;
  /** Why it is not complete. */
  readonly state: () => { readonly reason: string | undefined };
}

/** What keeps this node's plugin as configured, counting and telling each step; undefined where that is not wanted. */
export function installationOf(
  config: AgentConfig,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
): Installation | undefined {
  const { install, stateDir, socketPath: agentSocket } = config;
  if (install.mode === 'none') return undefined;
  const { mode, netDir, binDir } = install;
  const installConfig: InstallConfig = {
    mode,
    netDir,
    binDir,
    stateDir,
    agentSocket,
    source: process.execPath,
    ownList: OWN_LIST,
    keys: entryKeys(config),
    credential: install.apiFallback ? credentialOf(config) : undefined,
  };
  // Tells two agents of one node apart, also two that have the same name one after the other.
  const holder = `${hostname()}-${randomBytes(4).toString('hex')}`;
  const installation = createInstallation(installConfig, {
    holder,
    onStep: ({ failure, ...step }) => {
      metrics.installs.inc({ outcome: step.outcome, cause: step.cause });
      log[failure ? 'warn' : 'info']({ ...step, err: failure }, 'installation');
    },
    onConflict: (conflict) => {
      metrics.conflicts.inc();
      log.warn(conflict, 'somebody else keeps changing the network configuration');
    },
  });
  const files = createFiles();
  let kept = Promise.resolve();
  return {
    ...installation,
    keep: (signal) => (kept = installation.keep(signal)),
    release: async () => {
      await kept;
      const path = leasePath(installConfig);
      // What cannot be removed grows old.
      if ((await holderAt(files, path)) === holder) await files.remove(path).catch(() => undefined);
    },
    remove: async (beforeRemoval) => {
      await kept;
      const keeper = await holderAt(files, leasePath(installConfig));
      if (keeper !== undefined && keeper !== holder && keeper !== UNINSTALLER) return keeper;
      const onStep = (step: WayBack): void => {
        log.info({ step: renderStep(step) }, 'uninstalling');
      };
      await uninstall(installConfig, { by: 'agent', beforeRemoval, onStep });
      return undefined;
    },
  };
}

/** Of our entry, what is not the plugin's default anyway. */
export function entryKeys({
  backend,
  excludeNamespaces,
}: Pick<AgentConfig, 'backend' | 'excludeNamespaces'>): InstallConfig['keys'] {
  const isUsual = isDeepStrictEqual(excludeNamespaces, KEYS.excludeNamespaces.fallback);
  return {
    ...(backend === 'auto' ? {} : { backend }),
    ...(isUsual ? {} : { excludeNamespaces }),
  };
}

function credentialOf({
  api,
}: AgentConfig): { server: string; caFile: string; tokenFile: string } | undefined {
  if ('kubeconfig' in api) return undefined;
  const { host, port, serviceAccountDir } = api;
  return {
    server: serverUrl(host, port),
    caFile: `${serviceAccountDir}/ca.crt`,
    tokenFile: `${serviceAccountDir}/token`,
  };
}
