import { chmod, copyFile, cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { madeOf } from '../../image/made.ts';
import { writeImage } from '../../image/oci.ts';
import { MOUNT_POINTS } from '../../image/rootfs.ts';
import { renderHaproxyConfig } from '../support/haproxy.ts';
import { provideDebian } from './runtimes.ts';

/** Nothing but waiting for the pod's end; busybox; HAProxy as a sidecar, with busybox. */
export type ImageName = 'pause' | 'box' | 'sidecar';

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const [HAPROXY, PERL] = ['/usr/sbin/haproxy', '/usr/bin/perl'];
const FRONT = join(import.meta.dirname, 'front.pl');
const SIDECAR = '/bin/sidecar';
const entrypoints: Readonly<Record<ImageName, readonly string[]>> = {
  pause: ['/bin/sh', '-c', 'trap exit TERM; sleep 1000000000 & wait'],
  box: ['/bin/sh', '-c'],
  sidecar: [SIDECAR],
};

/** What a pod calls it. No registry is asked where the image is there. */
export function imageName(name: ImageName): string {
  return `docker.io/library/${name}:1`;
}

/** Makes an image where it is not there yet: an archive that `ctr images import` takes. */
export async function provideImage(name: ImageName): Promise<string> {
  const directory = join(import.meta.dirname, '../../dist/.bed');
  const archive = join(directory, `${name}.tar`);
  await mkdir(directory, { recursive: true });
  await madeOf(await keyOf(name), archive, async (made, scratch) => {
    const rootfs = join(scratch, 'rootfs');
    await addBusybox(rootfs);
    if (name === 'sidecar') await addHaproxy(rootfs);
    await writeImage(made, {
      rootfs,
      scratch,
      config: {
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        env: [`PATH=${PATH}`],
        entrypoint: entrypoints[name],
        labels: {},
        name: `${name}:1`,
      },
    });
  });
  return archive;
}

async function keyOf(name: ImageName): Promise<string> {
  const recipe = await readFile(import.meta.filename, 'utf8');
  const front = await readFile(FRONT, 'utf8');
  const { size, mtimeMs } = await stat(name === 'sidecar' ? HAPROXY : import.meta.filename);
  return JSON.stringify([recipe, front, name, size, mtimeMs, haproxyConfig]);
}

/** Every program of it is a link to the one. */
async function addBusybox(rootfs: string): Promise<void> {
  const busybox = join(await provideDebian(), 'bin/busybox');
  for (const each of ['bin', 'etc', 'var/tmp', ...MOUNT_POINTS]) {
    await mkdir(join(rootfs, each), { recursive: true });
  }
  await copyFile(busybox, join(rootfs, 'bin/busybox'));
  await chmod(join(rootfs, 'bin/busybox'), 0o755);
  const { stdout } = await execa(busybox, ['--list']);
  for (const name of stdout.split('\n').filter((each) => each !== 'busybox')) {
    await symlink('busybox', join(rootfs, 'bin', name));
  }
  await writeFile(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await writeFile(join(rootfs, 'etc/group'), 'root:x:0:\n');
  await writeFile(join(rootfs, 'etc/nsswitch.conf'), 'hosts: files\n');
}

/** The machine's own, and Perl for what stands in front of it, each with all that it loads. */
async function addHaproxy(rootfs: string): Promise<void> {
  const { stdout: socket } = await execa(PERL, ['-MSocket', '-e', 'print $INC{"Socket.pm"}']);
  const { stdout: libraries } = await execa('ldd', [HAPROXY, PERL]);
  for (const file of [
    HAPROXY,
    PERL,
    dirname(socket),
    ...(libraries.match(/\/\S+(?= \()/g) ?? []),
  ]) {
    await cp(file, join(rootfs, file), { recursive: true, dereference: true });
  }
  await cp(FRONT, join(rootfs, 'bin/front'));
  await chmod(join(rootfs, 'bin/front'), 0o755);
  await writeFile(join(rootfs, SIDECAR), sidecar, { mode: 0o755 });
  await writeFile(join(rootfs, 'etc/haproxy.cfg'), haproxyConfig);
}

const haproxyConfig = renderHaproxyConfig('/tmp', {
  ...{ mode: 'REDIRECT', outboundPort: 15001, inboundPort: 15006, services: {} },
});
/** Whoever runs it has to be able to write to /tmp, where the sockets between the two are. */
const sidecar = `#!/bin/sh
front 15001=/tmp/outbound.sock 15006=/tmp/inbound.sock &
exec haproxy -db -f /etc/haproxy.cfg
`;
