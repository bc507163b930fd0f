/**
 * Why plugins in the directory named like a network are not known to be loaded; undefined where they are.
 *
 * It is libcni that loads them, since 1.3, which containerd has since 2.1 (2.4.2 was seen to, 1.6.20 not to). Nothing on
 * the node tells which libcni is in a runtime, and one that is older passes over the directory in silence.
 *
 * @param runtime as kubelet names it, e.g. `containerd://2.4.2`
 * @see https://github.com/containerd/containerd/blob/v2.1.0/go.mod
 */
export function dropInObstacle(runtime: string): string | undefined {
  const [, major, minor] = /^containerd:\/\/v?(\d+)\.(\d+)\./.exec(runtime) ?? [];
  const version = Number(major) * 1000 + Number(minor);
  if (version >= 2001) return undefined;
  return `the runtime "${runtime}" is not known to load plugins from a directory: wanted containerd 2.1 or later`;
}
