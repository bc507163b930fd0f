import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { assertWholeOrNothing, withNetns } from '../support/holdings.ts';
import { runPlugin } from '../support/plugin.ts';
import { hasRoot } from '../support/scratch.ts';
import { site } from '../support/site.ts';
import { undisturbed } from '../support/whole.ts';

// The C library looks a user up in the library of each service that nsswitch.conf names.
const NSSWITCH = 'passwd: files slowdirectory\ngroup: files slowdirectory\n';
const LIBRARY = /"[^"]*libnss_slowdirectory/;

describe('an ADD where users are looked up in a network directory', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const here = site();
  const trace = (): string => join(here.directory(), 'trace');
  /** With another nsswitch.conf for this process and its children alone, and each file opened noted. */
  const through = (): [string, ...string[]] => {
    const nsswitch = join(here.directory(), 'nsswitch.conf');
    writeFileSync(nsswitch, NSSWITCH);
    const script = 'mount --bind "$1" /etc/nsswitch.conf && shift && exec "$@"';
    const strace = ['strace', '-f', '-qq', '-e', 'trace=open,openat', '-o', trace()];
    return ['unshare', '--mount', 'sh', '-c', script, 'sh', nsswitch, ...strace];
  };

  it('would ask it for user 1337 if nothing were done about it', async () => {
    const [file, ...args] = [...through(), 'getent', 'passwd', '1337'];
    await execa(file, args, { reject: false });
    assert.match(readFileSync(trace(), 'utf8'), LIBRARY);
  });

  for (const backend of ['iptables-nft', 'iptables-legacy']) {
    it(`asks nobody, ${backend}`, async () => {
      const { whole } = await undisturbed(here, { backend });
      await withNetns(async (netns) => {
        const request = here.add(netns.path, { config: { backend } });
        const outcome = await runPlugin(request, { through: through() });
        assert.equal(outcome.exitCode, 0, outcome.stdout);
        await assertWholeOrNothing(netns, outcome, whole);
        const opened = readFileSync(trace(), 'utf8');
        assert.match(opened, /nsswitch\.conf/);
        assert.doesNotMatch(opened, LIBRARY);
      });
    });
  }
});
