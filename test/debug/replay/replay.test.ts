import assert from 'node:assert/strict';
import { type AttachmentRecord } from '../../../cni/attachment.ts';
import { writeRecord } from '../../../cni/record.ts';
import { command } from '../../../debug/replay/replay.ts';
import { holdings } from '../../support/holdings.ts';
import { runPlugin } from '../../support/plugin.ts';
import { hasRoot, scratchNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { invoke, type Told } from '../invoke.ts';

const ports = 'traffic.sidecar.istio.io/excludeOutboundPorts';

interface Step {
  readonly name: string;
  readonly same: boolean;
  readonly was: string;
  readonly now: string;
}

function stepsOf({ value }: Told): readonly Step[] {
  return (value as { readonly steps: readonly Step[] }).steps;
}

function verdicts(told: Told): Record<string, boolean> {
  return Object.fromEntries(stepsOf(told).map(({ name, same }) => [name, same]));
}

for (const mode of ['REDIRECT', 'TPROXY'] as const) {
  describe(`replay of an ADD with ${mode}`, function () {
    before(function () {
      if (!hasRoot()) this.skip();
    });

    const annotations = { 'sidecar.istio.io/interceptionMode': mode, [ports]: '5432' };
    const node = site({ annotations });
    const netns = scratchNetns();
    const replay = (...args: string[]): Promise<Told> =>
      invoke(command, args, { place: { stateDir: node.stateDir() } });
    const tamper = (changes: (record: AttachmentRecord) => Partial<AttachmentRecord>): void => {
      const record = node.record();
      assert.ok(record);
      writeRecord(node.stateDir(), { ...record, ...changes(record) });
    };

    before(async () => {
      const { exitCode, stdout } = await runPlugin(node.add(netns.path));
      assert.equal(exitCode, 0, stdout);
    });

    it('finds the same, and leaves the netns of the pod alone', async () => {
      const held = await holdings(netns);
      const told = await replay('web-0');
      assert.deepEqual(verdicts(told), {
        decision: true,
        rules: true,
        kernel: true,
        outcome: true,
      });
      assert.equal(told.exitCode, 0, told.text);
      assert.deepEqual(await holdings(netns), held);
    });

    it('says which rule is another one', async () => {
      tamper(({ rules }) => {
        const text = JSON.stringify(rules).replaceAll('--dport 5432', '--dport 5433');
        return { rules: JSON.parse(text) as AttachmentRecord['rules'] };
      });
      const told = await replay('web-0', '--rules-only');
      assert.equal(told.exitCode, 1);
      assert.deepEqual(verdicts(told), { decision: true, rules: false });
      assert.match(
        told.text,
        /ipv4: rule \d+ of chain ISTIO_OUTPUT in table nat is ".*5432.*" instead of ".*5433/,
      );
    });

    it('says which setting is another one', async () => {
      tamper(({ facts }) => {
        const text = JSON.stringify(facts).replaceAll('"5432"', '"6432"');
        return { facts: JSON.parse(text) as AttachmentRecord['facts'] };
      });
      const told = await replay('web-0', '--rules-only');
      assert.match(told.text, /excludeOutboundPorts is "6432" instead of "5432"/);
    });
  });
}

describe('replay', function () {
  before(function () {
    if (!hasRoot()) this.skip();
  });

  const node = site({ annotations: { [ports]: 'mysql' } });
  const netns = scratchNetns();
  const replay = (...args: string[]): Promise<Told> =>
    invoke(command, args, { place: { stateDir: node.stateDir() } });

  it('fails for the reason for which the call did', async () => {
    await runPlugin(node.add(netns.path));
    const told = await replay('default/web-0');
    assert.equal(told.exitCode, 0, told.text);
    assert.match(told.text, /same +outcome +failed, code 100: cannot use annotation .*mysql/);
  });

  it('could not tell without facts', async () => {
    const record = node.record();
    assert.ok(record);
    writeRecord(node.stateDir(), { ...record, facts: undefined });
    await assert.rejects(replay('web-0'), { exitCode: 3 });
  });

  it('wants a call', async () => {
    await assert.rejects(replay(), { exitCode: 2 });
    await assert.rejects(replay('default/db-0'), { exitCode: 3 });
  });
});
