#!/bin/sh
# Makes a machine of namespaces, and removes it with all that is in it when whoever asked for it is gone: then stdin
# ends, however that came. Usage: machine.sh <name> <directory> <directory to see inside>…
# Says "ready <pid of its init>"; what goes wrong is on stderr.
set -eu
name=$1
directory=$2
group=sluice-bed-$$
trees=$(awk '$(NF - 2) == "cgroup" || $(NF - 2) == "cgroup2" { print $5 }' /proc/self/mountinfo)

# A group in each hierarchy, which is what the machine sees as the root.
enter() {
  mkdir "$1/$group"
  for key in cpuset.cpus cpuset.mems; do
    # Without processors and memory of its own, nothing may be put into it.
    if [ -e "$1/$group/$key" ]; then cat "$1/$key" >"$1/$group/$key"; fi
  done
  echo 0 >"$1/$group/cgroup.procs"
}

(
  for tree in $trees; do enter "$tree"; done
  exec setpriv --pdeathsig=KILL unshare --fork --kill-child --propagation private \
    --pid --mount --net --uts --ipc --cgroup \
    sh "$(dirname "$0")/init.sh" "$group" "$@"
) &
machine=$!

read -r _ || true
exec >/dev/null 2>&1 # nobody is there to read it
if read -r init <"/proc/$machine/task/$machine/children" && [ -n "$init" ]; then
  kill -KILL "$init" # and the kernel kills all others before it is gone
else
  kill -KILL "$machine" || true
fi
wait "$machine" || true

for tree in $trees; do
  # Leaves first. What was killed a moment ago may still be in there.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -d "$tree/$group" ] || break
    find "$tree/$group" -depth -type d -exec rmdir {} + || sleep 0.2
  done
done
rm -rf --one-file-system "$directory"
