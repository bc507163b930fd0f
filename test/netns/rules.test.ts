import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { compare } from '../../cni/rules/compare.ts';
import { LISTED_TABLES, renderListing } from '../../cni/rules/listing.ts';
import { foreignRules, hasOurs } from '../../cni/rules/ours.ts';
import { renderApply, renderRemove, renderReplace } from '../../cni/rules/restore.ts';
import { rulesets } from '../../cni/rules/ruleset.ts';
import { parseListing, parseSaved, type SavedTables } from '../../cni/rules/saved.ts';
import { renderIstio } from '../support/istiorestore.ts';
import { redirection, redirectionCases } from '../support/redirection.ts';
import { hasRoot, scratchNetns } from '../support/scratch.ts';

const programs = { ipv4: 'iptables', ipv6: 'ip6tables' } as const;
const families = ['ipv4', 'ipv6'] as const;
const { everything = redirection(), defaults = redirection() } = redirectionCases;

// A lock of our own: the machine's may be held.
const lock = join(tmpdir(), `sluice-rules-${process.pid}.lock`);
const options = { env: { XTABLES_LOCKFILE: lock } };

describe('rules in the kernel', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  after(() => {
    rmSync(lock, { force: true });
  });

  for (const backend of ['nft', 'legacy'] as const) {
    describe(`the kernel by iptables-${backend}`, function () {
      this.timeout(30_000);
      for (const [name, plan] of Object.entries(redirectionCases)) {
        for (const family of families) {
          it(`takes the golden rules and lists them as they are: ${name}, ${family}`, async () => {
            const golden = new URL(`../golden/rules-${name}.${family}`, import.meta.url);
            const program = `${programs[family]}-${backend}`;
            const script = `${program}-restore --noflush && echo '# saved' && ${program}-save`;
            const { stdout } = await execa('unshare', ['--net', 'sh', '-c', script], {
              ...options,
              input: readFileSync(golden, 'utf8'),
            });
            const [listing = '', saved = ''] = stdout.split('# saved\n');
            const ruleset = rulesets(plan, '0.1.0')[family];
            // C libraries spell such addresses in two ways; `compare` knows both.
            if (!name.includes('dotted')) assert.equal(listing, renderListing(ruleset));
            assert.equal(compare(ruleset, parseListing(listing, LISTED_TABLES)), undefined);
            assert.equal(compare(ruleset, parseSaved(saved)), undefined);
          });
        }
      }
    });

    describe(`rules found by iptables-${backend}`, function () {
      this.timeout(30_000);
      const netns = scratchNetns();
      const run = async (program: string, input = ''): Promise<string> => {
        const command = ['--net=' + netns.path, '--', ...program.split(' ')];
        const { stdout } = await execa('nsenter', command, { ...options, input });
        return stdout;
      };

      for (const family of families) {
        const program = `${programs[family]}-${backend}`;
        const restore = (input: string): Promise<string> =>
          run(`${program}-restore --noflush`, input);
        const save = async (): Promise<SavedTables> => parseSaved(await run(`${program}-save`));
        const small = rulesets(defaults, '0.1.0')[family];
        const large = rulesets(everything, '0.1.0')[family];

        it(`are replaced and removed, foreign ones are not: ${family}`, async () => {
          await restore('*nat\n-A OUTPUT -p udp -j ACCEPT\nCOMMIT\n');
          const before = foreignRules(await save());

          await restore(renderApply(large));
          await restore(damage);
          const damaged = await save();
          assert.notEqual(compare(large, damaged), undefined);
          const again = await restore(renderReplace(large, damaged));
          assert.equal(compare(large, parseListing(again, LISTED_TABLES)), undefined);

          await restore(renderReplace(small, await save()));
          assert.equal(compare(small, await save()), undefined);

          await restore(renderRemove(await save()));
          const after = await save();
          assert.equal(hasOurs(after), false);
          assert.deepEqual(foreignRules(after), before);
        });

        it(`of an istio-init are replaced: ${family}`, async () => {
          await restore(renderIstio(everything, family));
          await assert.rejects(restore(renderApply(large)), /line \d+ failed/);
          await restore(renderReplace(large, await save()));
          assert.equal(compare(large, await save()), undefined);
          await restore(renderRemove(await save()));
        });

        it(`are not applied upon: ${family}`, async () => {
          await restore(renderApply(small));
          await assert.rejects(restore(renderApply(small)), /line 2 failed/);
          await restore(renderRemove(await save()));
        });
      }
    });
  }
});

/** What an istio-init, a crash and a curious operator may have done. */
const damage = `*raw
-N ISTIO_OLD
-A ISTIO_OLD -j ISTIO_INBOUND
-I ISTIO_OUTPUT_DNS 2 -j DROP
COMMIT
*nat
-N ISTIO_LOOP
-A ISTIO_LOOP -j ISTIO_REDIRECT
-A OUTPUT -j ISTIO_OUTPUT
-F ISTIO_IN_REDIRECT
-D ISTIO_OUTPUT 3
COMMIT
`;
