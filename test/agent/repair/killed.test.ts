import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Pod } from '../../../agent/pod.ts';
import { listRecords } from '../../../cni/record.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { addInterface, settle } from '../../support/holdings.ts';
import { heldRules } from '../../support/held.ts';
import { letGo, type Moment, stopping } from '../../support/killer.ts';
import { type Netns } from '../../support/netns.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { site } from '../../support/site.ts';
import { kindsOf } from '../census/ground.ts';
import { until } from '../until.ts';
import { openClinic } from './clinic.ts';
import { openWard, type Ward } from './ward.ts';

interface Stop {
  readonly program: string;
  readonly nth?: number;
  readonly moment: Moment;
  /** What is waited for before the kill, since two programs run side by side. */
  readonly finds?: readonly string[];
}

describe('a repair whose agent is killed', function () {
  this.timeout(120_000);
  const cleanup = createCleanup();
  const here = site();
  let ward: Ward;
  let whole: readonly string[];

  before(async function () {
    if (!hasRoot()) this.skip();
    ward = openWard(cleanup);
    const { pod, netns } = await admit();
    await ward.redirect(pod);
    whole = await heldRules(netns, 'iptables-nft');
  });
  after(() => cleanup.run());

  const admit = async (): Promise<{ pod: Pod; netns: Netns }> => {
    const admitted = await ward.admit();
    await addInterface(admitted.netns, ['2001:db8::5/64']);
    return admitted;
  };

  /** Kills the process that repairs the pod while a program that it has started stops at a moment. */
  const killAt = async (pod: Pod, { program, nth = 1, moment, finds }: Stop): Promise<string> => {
    const trace = join(here.directory(), `trace-${process.hrtime.bigint()}`);
    const toolsDir = here.tools({ [program]: stopping(program, nth, moment, trace) });
    const args = [ward.stateDir, ward.resultsDir, toolsDir];
    const child = fork(new URL('mender.ts', import.meta.url), args);
    cleanup.add(() => child.kill('SIGKILL'));
    const said: unknown[] = [];
    child.on('message', (outcome) => said.push(outcome));
    const ended = once(child, 'exit');
    child.send(JSON.stringify(pod));
    await until(() => {
      assert.deepEqual([said, child.exitCode], [[], null], 'it was not stopped');
      return existsSync(`${trace}.reached`);
    });
    if (finds) await until(async () => kindsOf(await ward.look(pod)).join() === finds.join());
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual([said, child.signalCode], [[], 'SIGKILL']);
    return trace;
  };

  const heal = async (pod: Pod): Promise<void> => {
    const clinic = openClinic(ward);
    await until(async () => {
      const state = await ward.look(pod);
      clinic.take([state]); // as each census does
      return state.findings.length === 0;
    });
    await clinic.stop();
  };

  const [ipv4, ipv6] = ['iptables-nft-restore', 'ip6tables-nft-restore'];
  const onNothing: Readonly<Record<string, Stop>> = {
    'before either family': { program: ipv4, moment: 'starts' },
    'with IPv4 alone': { program: ipv6, moment: 'starts', finds: ['ipv6-leak'] },
    'with IPv6 alone': { program: ipv4, moment: 'has been told all', finds: ['partly-redirected'] },
    'with all rules, before it knows': { program: ipv6, moment: 'has ended', finds: [] },
    'before the address of the sidecar': {
      program: 'ip',
      moment: 'starts',
      finds: ['partly-redirected'],
    },
  };
  const onOthers: Readonly<Record<string, Stop>> = {
    'while it reads what is there': { program: 'iptables-nft-save', moment: 'has ended' },
    'before it replaces what is there': { program: ipv4, nth: 2, moment: 'has been told all' },
    'when it has replaced what is there': { program: ipv4, nth: 2, moment: 'has ended' },
  };

  for (const [when, stop] of Object.entries(onNothing)) {
    it(`${when} is made good by the next`, async () => {
      const { pod, netns } = await admit();
      const trace = await killAt(pod, stop);
      const recorded = listRecords(ward.stateDir).map(({ containerId }) => containerId);
      assert.ok(!recorded.includes(netns.name));
      letGo(trace);
      await settle(netns);
      await heal(pod);
      assert.deepEqual(await heldRules(netns, 'iptables-nft'), whole);
    });
  }

  for (const [when, stop] of Object.entries(onOthers)) {
    for (const isQuicker of [false, true]) {
      const also = isQuicker ? ', which is quicker than what the first has started' : '';
      it(`${when} is made good by the next${also}`, async () => {
        const { pod, netns } = await admit();
        await ward.redirect(pod);
        await inNetns(netns, ['iptables-nft', '-t', 'nat', '-F', 'ISTIO_OUTPUT']);
        const trace = await killAt(pod, stop);
        if (isQuicker) await heal(pod);
        letGo(trace);
        await settle(netns);
        await heal(pod);
        assert.deepEqual(await heldRules(netns, 'iptables-nft'), whole);
      });
    }
  }
});
