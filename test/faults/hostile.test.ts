import assert from 'node:assert/strict';
import { withNetns } from '../support/holdings.ts';
import { hasRoot, inNetns } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { tracePlugin } from '../support/trace.ts';

/** A word that would be found wherever it went, between what shells and restores take for their own. */
const MARK = 'hostile';
const text = `$(touch /tmp/${MARK}) ; '"\`\n-A OUTPUT -j ACCEPT -m comment --comment ${MARK}\nCOMMIT\n--${MARK}`;

const pod = {
  annotations: {
    'sidecar.istio.io/interceptionMode': 'TPROXY',
    [`example.com/${MARK}`]: text,
    'kubectl.kubernetes.io/last-applied-configuration': text,
    'traffic.sidecar.istio.io/excludeInboundPorts': ' 22 , 8000-8010 ',
    'traffic.sidecar.istio.io/excludeInterfaces': 'j.ACCEPT-x',
  },
  labels: { app: text, [MARK]: MARK },
  env: { [MARK]: text, INVALID_DROP: `"; touch ${MARK}` },
} as const;

describe('text of a pod', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site(pod);

  for (const backend of ['iptables-nft', 'iptables-legacy']) {
    it(`reaches neither a command line nor an environment, ${backend}`, () =>
      withNetns(async (netns) => {
        const config = { backend, prevResult: { cniVersion: '1.0.0', [MARK]: text } };
        const traced = await tracePlugin(here.add(netns.path, { config }), 'execve,execveat');
        assert.equal(traced.exitCode, 0, traced.stdout);
        const [plugin, ...children] = traced.calls.filter((call) => call.startsWith('execve'));
        assert.match(plugin ?? '', /sluice-cni/);
        assert.ok(children.length >= 3, 'strace shows no children');
        assert.deepEqual(
          children.filter((call) => [MARK, 'web-0', 'uid-1'].some((word) => call.includes(word))),
          [],
        );
        const saved = await inNetns(netns, [`${backend}-save`]);
        assert.doesNotMatch(saved, new RegExp(MARK));
        assert.match(saved, /-i j\.ACCEPT-x .*-j RETURN/);
      }));
  }
});
