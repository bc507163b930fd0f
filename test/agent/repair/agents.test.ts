import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { listRecords } from '../../../cni/record.ts';
import { createCleanup } from '../../support/cleanup.ts';
import { addInterface, settle } from '../../support/holdings.ts';
import { heldRules } from '../../support/held.ts';
import { letGo, stopping } from '../../support/killer.ts';
import { type Netns } from '../../support/netns.ts';
import { executable } from '../../support/plugin.ts';
import { hasRoot, inNetns } from '../../support/scratch.ts';
import { realProgram, site } from '../../support/site.ts';
import { type FakeApiServer, servedApi } from '../apiserver.ts';
import { until } from '../until.ts';
import { openWard, type Ward } from './ward.ts';

const RESTORE = 'ip6tables-nft-restore';

describe('two packaged agents of one node', function () {
  this.timeout(60_000);
  const cleanup = createCleanup();
  const here = site();
  let server: FakeApiServer;
  let ward: Ward;
  let netns: Netns;
  let trace: string;

  beforeEach(async function () {
    if (!hasRoot()) this.skip();
    ({ server } = await servedApi(cleanup));
    ward = openWard(cleanup);
    const admitted = await ward.admit();
    ({ netns } = admitted);
    // Or a pod without IPv6 rules would be taken for right.
    await addInterface(netns, ['2001:db8::5/64']);
    server.history.set({ name: 'web-0', uid: admitted.pod.metadata.uid });
    trace = join(here.directory(), `trace-${netns.name}`);
  });
  afterEach(() => cleanup.run());

  const inode = async (): Promise<string> =>
    (await inNetns(netns, ['readlink', '/proc/self/ns/net'])).trim();
  /** With a restore that stops in the pod's netns, and nowhere else: the agent tries its backend before. */
  const toolsThatStop = async (): Promise<string> =>
    here.tools({
      [RESTORE]: [
        `if [ "$(readlink /proc/self/ns/net)" != '${await inode()}' ]; then exec ${realProgram(RESTORE)} "$@"; fi`,
        stopping(RESTORE, 1, 'starts', trace),
      ].join('\n'),
    });
  const launch = (name: string, toolsDir: string): ChildProcess => {
    const agent = spawn(executable, ['agent'], {
      stdio: 'ignore',
      env: {
        NODE_NAME: 'n1',
        SLUICE_INSTALL: 'none',
        SLUICE_AGENT_SOCKET: join(ward.stateDir, `../${name}.sock`),
        SLUICE_STATE_DIR: ward.stateDir,
        SLUICE_CNI_RESULTS_DIR: ward.resultsDir,
        SLUICE_ADDRESS: '127.0.0.1:0',
        SLUICE_TOOLS_DIR: toolsDir,
        SLUICE_CENSUS_SECONDS: '1',
        SLUICE_SERVICE_ACCOUNT_DIR: server.access.serviceAccountDir,
        KUBERNETES_SERVICE_HOST: server.access.host,
        KUBERNETES_SERVICE_PORT: server.access.port,
      },
    });
    cleanup.add(async () => {
      const ended = once(agent, 'exit');
      if (agent.kill('SIGKILL')) await ended;
    });
    return agent;
  };
  const reached = (agent: ChildProcess): Promise<void> =>
    until(() => {
      assert.equal(agent.exitCode, null, 'the agent ended');
      return existsSync(`${trace}.reached`);
    });
  const timesHeld = ({ pid = 0 }: ChildProcess): number =>
    held(pid).filter((link) => link === netns.path).length;
  const reasons = (): unknown[] => server.writes.bodies('/events').map(({ reason }) => reason);
  /** Of whichever version: the package has another than the source. */
  const rulesOf = async (of: Netns): Promise<string[]> =>
    (await heldRules(of, 'iptables-nft')).map((rule) => rule.replace(/ sluice\/\S+/, ''));
  const assertRight = async (): Promise<void> => {
    const alone = await ward.admit();
    await addInterface(alone.netns, ['2001:db8::5/64']);
    await ward.redirect(alone.pod);
    assert.deepEqual(await rulesOf(netns), await rulesOf(alone.netns));
    const records = listRecords(ward.stateDir).map((each) => [each.containerId, each.outcome]);
    assert.deepEqual(records, [[netns.name, 'redirected']]);
  };

  it('repair the same pod at the same time, and end in the rules of one', async () => {
    const first = launch('first', await toolsThatStop());
    await reached(first);
    const second = launch('second', here.tools({}));
    // A look holds the netns once, whoever waits for its lock twice.
    await until(() => timesHeld(second) >= 2);
    assert.deepEqual(reasons(), []);
    letGo(trace);
    await until(() => timesHeld(first) + timesHeld(second) === 0);
    await until(() => reasons().length > 0);
    await assertRight();
    assert.deepEqual([...new Set(reasons())], ['RedirectionRepaired']);
  });

  it('come after each other where the first is killed in the middle of a repair', async () => {
    const first = launch('first', await toolsThatStop());
    await reached(first);
    await until(async () => (await heldRules(netns, 'iptables-nft')).length > 0);
    first.kill('SIGKILL');
    await once(first, 'exit');
    assert.deepEqual([reasons(), listRecords(ward.stateDir)], [[], []]);
    launch('second', here.tools({}));
    await until(() => reasons().length > 0);
    assert.deepEqual(reasons(), ['RedirectionRepaired']);
    await assertRight();
    letGo(trace); // what the first has started does what it was told, and changes nothing
    await settle(netns);
    await assertRight();
  });
});

/** What a process holds open. */
function held(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((fd) => {
    try {
      return readlinkSync(join(directory, fd));
    } catch {
      return []; // Closed meanwhile.
    }
  });
}
