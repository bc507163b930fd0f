#!/bin/sh
# Makes a machine of namespaces, and removes it with all that is in it when whoever asked for it is gone: then stdin
# ends, however that came. Usage: machine.sh <name> <directory> <directory to see inside>…
# Says "ready <pid of its init>"; what goes wrong is on stderr. The directory need not be there.
set -eu
name=$1
directory=$2
group=sluice-bed-$$
trees=$(awk '$(NF - 2) == "cgroup" || $(NF - 2) == "cgroup2" { print $5 }' /proc/self/mountinfo)
machine=

remove() {
  set +e
  exec 2>/dev/null # nobody may be there to read it
  if [ -n "$machine" ]; then
    kill -KILL "$machine"
    wait "$machine"
  fi
  for tree in $trees; do
    # Until the last one that it started is gone, its first process among them, with which the kernel kills all others.
    for _ in $(seq 300); do
      [ -d "$tree/$group" ] || break
      while read -r pid; do kill -KILL "$pid"; done <"$tree/$group/cgroup.procs"
      find "$tree/$group" -depth -type d -exec rmdir {} + || sleep 0.1 # leaves first
    done
  done
  rm -rf --one-file-system "$directory"
}
trap remove EXIT

[ -d "$directory" ] || mkdir -m 700 "$directory"
# A group in each hierarchy, which is what the machine sees as the root.
for tree in $trees; do
  mkdir "$tree/$group"
  for key in cpuset.cpus cpuset.mems; do
    # Without processors and memory of its own, nothing may be put into it.
    if [ -e "$tree/$group/$key" ]; then cat "$tree/$key" >"$tree/$group/$key"; fi
  done
done

(
  trap - EXIT
  for tree in $trees; do echo 0 >"$tree/$group/cgroup.procs"; done
  exec setpriv --pdeathsig=KILL unshare --fork --kill-child --propagation private \
    --pid --mount --net --uts --ipc --cgroup \
    sh "${0%/*}/init.sh" "$group" "$@"
) &
machine=$!
exec >/dev/null # which ends for whoever listens when the machine does

read -r _ || true
