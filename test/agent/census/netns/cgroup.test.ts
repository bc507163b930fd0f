import assert from 'node:assert/strict';
import { podUidOf } from '../../../../agent/census/netns/cgroup.ts';

const UID = '4f0c1f6e-3a0b-4d6f-9a57-2f0a1b2c3d4e';
const SLICE = UID.replaceAll('-', '_');
const OTHER = '00000000-3a0b-4d6f-9a57-2f0a1b2c3d4e';
const STATIC = '0123456789abcdef0123456789abcdef';
const V1 = ['cpuset', 'cpu,cpuacct', 'name=systemd'];

describe('podUidOf()', () => {
  const cgroups: Record<string, [text: string, uid: string | undefined]> = {
    'cgroupfs, version 2': [`0::/kubepods/burstable/pod${UID}/abc`, UID],
    'cgroupfs, guaranteed': [`0::/kubepods/pod${UID}/abc`, UID],
    'cgroupfs, version 1': [
      V1.map((name, i) => `${i}:${name}:/kubepods/besteffort/pod${UID}/abc`).join('\n'),
      UID,
    ],
    'systemd, version 2': [
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SLICE}.slice/cri-containerd-abc.scope`,
      UID,
    ],
    'systemd, guaranteed': [
      `0::/kubepods.slice/kubepods-pod${SLICE}.slice/crio-abc.scope/container`,
      UID,
    ],
    'under a root of its own': [`0::/custom/kubepods/pod${UID}/abc`, UID],
    'seen from another cgroup namespace': [`0::/../../pod${UID}/abc`, UID],
    'a static pod': [`0::/kubepods/burstable/pod${STATIC}/abc`, STATIC],
    'a node inside a pod': [`0::/kubepods/pod${UID}/abc/kubelet/kubepods/pod${OTHER}/def`, UID],
    'a service': ['0::/system.slice/containerd.service', undefined],
    'something called pod': ['0::/podman/pod', undefined],
    nothing: ['', undefined],
  };
  for (const [what, [text, uid]] of Object.entries(cgroups)) {
    it(`reads ${what}`, () => {
      assert.equal(podUidOf(`${text}\n`), uid);
    });
  }
});
