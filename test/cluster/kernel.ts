import { type Host } from '../bed/host.ts';

// Both backends, both families: whoever holds rules shows them here.
const script = `
for netns in /run/netns/*; do
  addresses=$(nsenter --net="$netns" ip -oneline address show)
  case $addresses in *" $1/"*) ;; *) continue ;; esac
  for program in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
    nsenter --net="$netns" "$program-save" 2>/dev/null | grep '^-A' | sed "s/^/$program /"
  done
  exit 0
done
echo "there is no netns with $1" >&2
exit 1
`;

/** The rules in the netns of the pod with this address, a line each: `iptables-nft -A OUTPUT …`. */
export async function rulesOf(host: Host, address: string): Promise<readonly string[]> {
  const { stdout } = await host.exec('sh', ['-c', script, 'sh', address]);
  return stdout.split('\n').filter(Boolean);
}

const census = `
for netns in /run/netns/*; do
  count=0
  for program in iptables-nft ip6tables-nft; do
    count=$((count + $(nsenter --net="$netns" "$program-save" 2>/dev/null | grep -c '^-A')))
  done
  echo "$count $(nsenter --net="$netns" ip -oneline -4 address show dev eth0 | sed 's/.* inet //; s,/.*,,')"
done
`;

/** The addresses of the pods in whose netns there are rules; in the backend that the agents choose. */
export async function redirectedAddresses(host: Host): Promise<readonly string[]> {
  const { stdout } = await host.exec('sh', ['-c', census], { timeoutMs: 120_000 });
  const pods = stdout.split('\n').map((line) => line.split(' '));
  return pods.filter(([count]) => Number(count) > 0).map(([, address = '']) => address);
}
