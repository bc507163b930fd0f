import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Eyes, openEyes } from '../../../../agent/census/look/look.ts';
import { type Holdings } from '../../../../agent/census/look/read.ts';
import { closeNetns, openNetns } from '../../../../cni/kernel/netns.ts';
import { type Backend } from '../../../../cni/kernel/tools.ts';
import { temporaryDirectory } from '../../../cni/facts/serve.ts';
import { withNetns } from '../../../support/holdings.ts';
import { type Netns } from '../../../support/netns.ts';
import { hasRoot } from '../../../support/scratch.ts';
import { redirect } from '../ground.ts';

/** Programs that do what those of their names do. */
const PROGRAMS = ['nsenter', 'ip'].concat(
  ['iptables', 'ip6tables'].flatMap((name) =>
    ['nft', 'legacy'].flatMap((variant) => [
      `${name}-${variant}-restore`,
      `${name}-${variant}-save`,
    ]),
  ),
);

describe('openEyes()', () => {
  before(function () {
    if (!hasRoot()) this.skip();
  });
  const directory = temporaryDirectory();
  after(() => {
    directory.dispose();
  });

  const look = async (eyes: Eyes, { path }: Netns): Promise<Holdings> => {
    const netns = openNetns(path);
    try {
      return await eyes.look(netns);
    } finally {
      closeNetns(netns);
    }
  };
  const open = (toolsDir?: string): Eyes => openEyes([tmpdir(), '/run', '/dev/shm'], { toolsDir });
  /** As if a pod changed a rule just while its rules are listed, and changed it back. */
  const deceivedBy = ({ path }: Netns, backend: Backend): string => {
    const toolsDir = `${directory.path}/${backend}`;
    const rule = '-p tcp --dport 25 -j ACCEPT';
    const lines: Readonly<Record<string, string>> = {
      [`${backend}-save`]: `
        [ "$(stat -Lc %i /proc/self/ns/net)" = ${statSync(path).ino} ] || exec ${backend}-save "$@"
        ${backend} -t nat -I OUTPUT ${rule}
        ${backend}-save "$@"
        ${backend} -t nat -D OUTPUT ${rule}`,
    };
    mkdirSync(toolsDir);
    for (const name of PROGRAMS) {
      const script = `#!/bin/sh\nPATH=/usr/sbin:/sbin:/usr/bin:/bin\n${lines[name] ?? `exec ${name} "$@"`}\n`;
      writeFileSync(`${toolsDir}/${name}`, script, { mode: 0o755 });
    }
    return toolsDir;
  };

  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    it(`believes of no pod what another one showed for a moment: ${backend}`, () =>
      withNetns(async (liar) => {
        await withNetns(async (honest) => {
          for (const netns of [liar, honest]) await redirect(netns, {}, backend);
          const eyes = open(deceivedBy(liar, backend));
          const seen = await look(eyes, liar).then(
            ({ rules }) => JSON.stringify(rules[backend]),
            String,
          );
          assert.match(seen, /--dport 25|keep changing/);
          assert.deepEqual(await look(eyes, honest), await look(open(), honest));
        });
      }));
  }
});
