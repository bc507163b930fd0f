import assert from 'node:assert/strict';
import { withNetns } from '../support/holdings.ts';
import { invocation } from '../support/call.ts';
import { errorResult, logged, runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';

const podAnnotations = { 'kubernetes.io/config.source': 'api' };

/** What a parser that takes every number for a double, or drops what it does not know, would change. */
const odd =
  '{"cniVersion":"1.0.0","big":1e400,"exact":12345678901234567890,"zero":-0,"one":1.0,"dns":{},' +
  '"interfaces":[{"name":"eth0","mtu":1500.0,"unknown":null}],' +
  '"ips":[{"interface":0,"address":"10.1.0.2/16"}],"__proto__":{"a":1},"empty":{},"list":[]}';

describe('the output', () => {
  it('of an ADD holds numbers and unknown keys of prevResult as they came', async () => {
    const { env, stdin } = invocation({ podAnnotations, config: { prevResult: 0 } });
    const request = { env, stdin: stdin.replace('"prevResult":0', () => `"prevResult":${odd}`) };
    const { stdout, exitCode } = await runPlugin(request);
    assert.deepEqual([stdout.trim(), exitCode], [odd, 0]);
  });

  it('of an error is one object on stdout, which is logged as well', async () => {
    const outcome = await runPlugin(invocation({ config: { name: '' } }));
    const { cniVersion, code, msg } = errorResult(outcome);
    assert.deepEqual([cniVersion, code], ['1.0.0', 7]);
    assert.match(msg, /^[a-z].*[^.]$/);
    assert.deepEqual(
      logged(outcome).map((line) => line.msg),
      [msg],
    );
  });
});

describe('the output for a meshed pod', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();

  it('on stderr is lines of JSON', () =>
    withNetns(async ({ path }) => {
      const { stderr } = await runPlugin(here.add(path));
      const lines = stderr.trimEnd().split('\n');
      assert.deepEqual(
        lines.map((line) => typeof (JSON.parse(line) as { msg: unknown }).msg),
        lines.map(() => 'string'),
      );
    }));

  it('of CHECK, DEL, GC and STATUS that succeed is nothing', () =>
    withNetns(async ({ path }) => {
      const config = { cniVersion: '1.1.0', prevResult: { cniVersion: '1.1.0' } };
      assert.equal((await runPlugin(here.add(path, { config }))).exitCode, 0);
      for (const command of ['CHECK', 'STATUS', 'GC', 'DEL']) {
        const { stdout, stderr, exitCode } = await runPlugin(here.add(path, { command, config }));
        assert.deepEqual([command, stdout, exitCode], [command, '', 0], stderr);
      }
    }));

  it('ends with the plugin, though a child of it goes on', () =>
    withNetns(async ({ path }) => {
      const toolsDir = here.tools({ 'iptables-nft-restore': 'exec 1>&- 2>&-; exec sleep 1000' });
      const config = { toolsDir, deadlineMs: 1_500 };
      assert.equal(errorResult(await runPlugin(here.add(path, { config }))).code, 101);
    }));
});
