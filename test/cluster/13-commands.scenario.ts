import assert from 'node:assert/strict';
import { apply, readyPods } from './ask.ts';
import { cluster } from './cluster.ts';
import { agentOf, install } from './install.ts';
import { deployment } from './pods.ts';

const node = 'node-1';

describe('an operator who asks a node', function () {
  this.timeout(180_000);
  const at = cluster();
  const names = { web: '', plain: '' };

  /** As in the README; fails for an exit code other than 0. */
  const fromOutside = async (...words: string[]): Promise<string> => {
    const agent = await agentOf(at(), node);
    return at().kubectl(['exec', '--namespace=sluice-system', agent, '--', 'sluice', ...words]);
  };
  const onNode = async (...words: string[]): Promise<string> => {
    const { stdout } = await at().nodes[0].host.exec('/opt/cni/bin/sluice-cni', words);
    return stdout;
  };

  before(async () => {
    await install(at());
    await apply(
      at(),
      deployment('web', { mesh: 'container', node }),
      deployment('plain', { node }),
    );
    for (const app of ['web', 'plain'] as const) {
      names[app] = `default/${(await readyPods(at(), app))[0].metadata.name}`;
    }
  });

  for (const [where, sluice] of Object.entries({ fromOutside, onNode })) {
    it(`learns why a pod is redirected, and another is not: ${where}`, async () => {
      const verdicts = await Promise.all(
        [names.web, names.plain].map(async (pod) => {
          const answer = await sluice('explain', pod, '-o', 'json');
          const { verdict, reason } = JSON.parse(answer) as { verdict: string; reason?: string };
          return [verdict, reason];
        }),
      );
      assert.deepEqual(verdicts, [
        ['redirected', undefined],
        ['would-skip', 'not-injected'],
      ]);
    });

    it(`finds nothing wrong with the node, nor with its pods: ${where}`, async () => {
      await sluice('status');
      await sluice('check');
      await sluice('conflist');
      await sluice('census');
      await sluice('diff', names.web);
    });

    it(`sees what becomes of a packet, wanted and sent: ${where}`, async () => {
      const traced = await sluice('trace', names.web, '--dst', '198.51.100.7:443', '-o', 'json');
      const { verdict } = JSON.parse(traced) as { verdict: { kind: string } };
      assert.equal(verdict.kind, 'redirected');
      await sluice('verify', names.web);
    });

    it(`finds the ADD in the history: ${where}`, async () => {
      assert.match(await sluice('history', names.web), /redirected/);
    });

    it(`is told what a bug report would hold: ${where}`, async () => {
      assert.match(await sluice('bugreport', '--dry-run'), new RegExp(names.web));
    });
  }
});
