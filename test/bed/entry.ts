/** A command that runs another inside of a machine. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type Entry = (command: readonly string[], env: Readonly<Record<string, string>>) => Command;

/** Namespaces are entered by nsenter, cgroups are not. It dies with nsenter, which stays outside and waits for it. */
const script = `
cd /
for group in /sys/fs/cgroup/*/cgroup.procs; do echo 0 > "$group"; done
exec setpriv --pdeathsig=KILL "$@"
`;

/** How to get into the machine whose first process this is. */
export function entryOf(pid: number): Entry {
  const enter = ['--all', `--target=${pid}`, '--', 'sh', '-ec', script, 'sh'];
  return (command, env) => ({
    file: 'nsenter',
    args: [...enter, ...command],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LC_ALL: 'C',
      ...env,
    },
  });
}
