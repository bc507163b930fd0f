import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderContainerdConfig } from './containerdconfig.ts';
import { createCrictl, type Crictl } from './crictl.ts';
import { type Daemon } from './daemon.ts';
import { type Host } from './host.ts';
import { type Runtime } from './runtimes.ts';

/** A containerd of a machine, with its defaults: configurations in /etc/cni/net.d, plugins in /opt/cni/bin. */
export interface Containerd {
  readonly crictl: Crictl;
  /** Loads an archive as `provideImage` makes it. */
  readonly load: (archive: string) => Promise<void>;
  /** Containers go on meanwhile. */
  readonly restart: () => Promise<void>;
  readonly daemon: () => Daemon;
}

const CONFIG = '/etc/containerd/config.toml';

/**
 * Starts it, and waits until it takes sandboxes.
 *
 * @param programs the folder with crictl
 */
export async function startContainerd(
  host: Host,
  runtime: Runtime,
  programs: string,
): Promise<Containerd> {
  const crictl = createCrictl(host, programs);
  const env = { PATH: [...runtime.path, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':') };
  for (const each of ['/etc/containerd', '/etc/cni/net.d', '/opt/cni/bin']) {
    await mkdir(host.path(each), { recursive: true });
  }
  await writeFile(host.path(CONFIG), renderContainerdConfig(runtime.schema));
  const start = async (): Promise<Daemon> => {
    const started = host.daemon('containerd', 'containerd', ['--config', CONFIG], { env });
    await untilReady(started, crictl);
    return started;
  };
  let daemon = await start();
  return {
    crictl,
    daemon: () => daemon,
    load: async (archive) => {
      await host.exec('ctr', ['--namespace=k8s.io', 'images', 'import', archive], { env });
    },
    restart: async () => {
      await daemon.stop();
      daemon = await start();
    },
  };
}

async function untilReady(daemon: Daemon, crictl: Crictl): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (daemon.isRunning() && performance.now() < deadline) {
    const { exitCode } = await crictl.run(['version'], { reject: false });
    if (exitCode === 0) return;
    await sleep(50);
  }
  throw new Error(`cannot start containerd: ${await daemon.tail()}`);
}
