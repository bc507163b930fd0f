import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { demoDirectory, demoName } from '../../demo/leftovers.ts';
import { netnsNames } from '../support/netns.ts';
import { hasRoot } from '../support/scratch.ts';

const program = join(import.meta.dirname, '../../demo/main.ts');

describe('the demo', function () {
  this.timeout(300_000);
  before(function () {
    if (!hasRoot()) this.skip();
  });

  it('shows what went where, and leaves nothing behind', async () => {
    const demo = startDemo();
    const { exitCode, stdout, stderr } = await demo;
    assert.deepEqual([exitCode, stderr], [0, ''], stdout);
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    const ways = rows.filter(([, from = '']) => /\(\d+\)$/.test(from));
    assert.deepEqual(
      ways.map(([mark, from, to, , because, went]) => [mark, from, to, because, went].join(' ')),
      shown.flatMap((row) => [`✓ ${row}`, `✓ ${row}`]),
    );
    assert.deepEqual(
      ways.map(([, , , family]) => family),
      shown.flatMap(() => ['ipv4', 'ipv6']),
    );
    assert.doesNotMatch(stdout, /✗/);
    for (const [pod, outcome] of Object.entries(added)) {
      const [, , ours, all, said] = rows.find((row) => row[0] === pod && row[1] === 'ADD') ?? [];
      assert.match(`${ours} ${all} ${said}`, new RegExp(`^\\d+ \\d+ ${outcome}$`));
    }
    for (const family of ['IPv4', 'IPv6']) {
      const [, rules = ''] = stdout.split(`\nRules of meshed-0, ${family}\n`);
      assert.match(rules.split('\n\n')[0] ?? '', /^ +sluice:include-outbound +-j ISTIO_REDIRECT$/m);
    }
    await assertGone(demo);
  });

  it('leaves nothing behind when nobody reads what it prints', async () => {
    const demo = startDemo();
    await step(demo, '… a node');
    demo.stdout.destroy();
    demo.stderr.destroy();
    const { exitCode } = await demo;
    assert.equal(exitCode, 1);
    await assertGone(demo);
  });

  const moments = [
    ['SIGHUP', 129, '… ADD of pod unmeshed-0'],
    ['SIGINT', 130, '… containers'],
    ['SIGTERM', 143, '… 32 requests'],
  ] as const;
  for (const [signal, code, moment] of moments) {
    it(`is stopped by ${signal} at "${moment}", with all its programs, and cleans up`, async () => {
      const demo = startDemo();
      await step(demo, moment);
      process.kill(-(demo.pid ?? 0), signal); // to all of them, as a terminal does
      const { exitCode, stderr } = await demo;
      assert.deepEqual([exitCode, stderr], [code, `the demo was stopped by ${signal}`]);
      await assertGone(demo);
    });
  }
});

/** Each for IPv4 and IPv6, in this order. */
const shown = [
  'meshed (1000) peer:8080 captured sidecar, outbound',
  'meshed (1000) unmeshed:8080 captured sidecar, outbound',
  'peer (1000) meshed:8080 captured sidecar, inbound',
  'unmeshed (1000) meshed:8080 captured sidecar, inbound',
  'meshed (1000) peer:5432 port excluded direct',
  'peer (1000) meshed:9090 port excluded direct',
  'meshed (1000) localhost:8080 app to itself direct',
  "meshed (1337) peer:8080 sidecar's own direct",
  'unmeshed (1000) peer:8080 not meshed direct',
  'peer (1000) unmeshed:8080 not meshed direct',
  ...twice("meshed (1000) peer:53 captured sidecar's DNS"), // over UDP and TCP
  ...twice("meshed (1337) peer:53 sidecar's own upstream DNS"),
  ...twice('unmeshed (1000) peer:53 not meshed upstream DNS'),
];
const added = { 'meshed-0': 'redirected', 'unmeshed-0': 'not redirected: not-injected' };

function twice(row: string): string[] {
  return [row, row];
}

type Demo = ResultPromise<typeof options>;

/** A group of its own. */
const options = { detached: true, reject: false } as const;

function startDemo(): Demo {
  return execa(process.execPath, [program], options);
}

async function step({ stdout }: Demo, beginning: string): Promise<void> {
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith(beginning)) return;
  }
  assert.fail(`the demo does not come to "${beginning}"`);
}

async function assertGone({ pid = 0 }: Demo): Promise<void> {
  const names = await netnsNames();
  assert.deepEqual(
    names.filter((name) => name.startsWith(demoName(pid))),
    [],
  );
  await assert.rejects(access(demoDirectory(pid)), { code: 'ENOENT' });
}
