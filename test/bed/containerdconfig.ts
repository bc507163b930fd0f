import { imageName } from './images.ts';
import { type Runtime } from './runtimes.ts';

/**
 * `config.toml`: what kubelet's cgroup driver must be is "cgroupfs".
 *
 * @see https://github.com/containerd/containerd/blob/v2.1.0/docs/cri/config.md
 */
export function renderContainerdConfig(schema: Runtime['schema']): string {
  return schema === 2 ? schema2 : schema3;
}

const head = `root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
`;
/** Without CAP_SYS_RESOURCE nobody may ask for what kubelet asks for. */
const limits = `restrict_oom_score_adj = true
  disable_apparmor = true`;

const schema2 = `version = 2
${head}[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${imageName('pause')}"
  ${limits}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;

const schema3 = `version = 3
${head}[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${imageName('pause')}"
[plugins.'io.containerd.cri.v1.runtime']
  ${limits}
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/opt/cni/bin"]
    conf_dir = "/etc/cni/net.d"
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
