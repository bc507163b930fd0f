#!/bin/sh
# The first process of a machine: gives it a root file system, kernel settings and cgroups of its own. What it writes
# to its root is kept apart from the real one. Usage: init.sh <cgroup> <name> <directory> <directory to see inside>…
set -eu
group=$1
name=$2
directory=$3
shift 2
root=$directory/root
read -r pid _ </proc/self/stat # as those outside know it: this /proc is still theirs

hostname "$name"
mount --make-rprivate /
for each in root changes work log sysctl; do mkdir -p "$directory/$each"; done
mount -t overlay -o "lowerdir=/,upperdir=$directory/changes,workdir=$directory/work" sluice-bed "$root"

for each in "$@"; do
  mkdir -p "$root$each"
  mount --bind "$each" "$root$each"
done
# An overlay on an overlay is what the kernel does not make, and both keep container's files.
for each in containerd kubelet; do
  mkdir -p "$directory/$each" "$root/var/lib/$each"
  mount --bind "$directory/$each" "$root/var/lib/$each"
done
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/lock" "$root/run/netns"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
for tree in /sys/fs/cgroup/*; do
  if [ -L "$tree" ]; then
    cp -P "$tree" "$root$tree" # as `cpu` for `cpu,cpuacct`
  else
    mkdir "$root$tree"
    mount --bind "$tree/$group" "$root$tree"
  fi
done

# These are the whole machine's, not ours to change …
for each in vm kernel fs; do
  mount --bind "$root/proc/sys/$each" "$root/proc/sys/$each"
  mount -o remount,bind,ro "$root/proc/sys/$each"
done
# … and kubelet goes on only where they are as it wants them.
for pair in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=$(mktemp -p "$directory/sysctl")
  echo "${pair#*=}" >"$file"
  mount --bind "$file" "$root/proc/sys/${pair%%=*}"
done

mkdir -p "$root/mnt/machine"
cd "$root"
pivot_root . mnt/machine
umount -l /mnt/machine
mount --make-rshared /

printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" >/etc/hosts
ip link set lo up
for key in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 >"/proc/sys/net/$key"; done
# Nobody here has our addresses, so why wait a second for each.
for key in all default; do echo 0 >"/proc/sys/net/ipv6/conf/$key/accept_dad"; done

echo "ready $pid"
exec >/dev/null 2>&1
# Whoever loses its parent becomes a child of ours, and has to be waited for.
while :; do
  sleep 3600 &
  wait $! || true # even where all others are killed, which is how a machine loses power
done
