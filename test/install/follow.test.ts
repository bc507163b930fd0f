import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstallation, type Installation } from '../../install/install.ts';
import { observe, wanted } from '../../install/observe.ts';
import { reconcile } from '../../install/reconcile.ts';
import { createFiles } from '../../install/files.ts';
import { isGenerated } from '../../install/generated.ts';
import { fixture } from './fixtures.ts';
import { ground } from './ground.ts';

const calico = fixture('calico.conflist');
const single = fixture('multus.conf');

/** What other daemons do to a node, one after the other. */
type Change = (directory: string, write: (name: string, text: string) => void) => void;
const remove =
  (name: string): Change =>
  (directory) => {
    rmSync(join(directory, name));
  };
const put =
  (name: string, text: string): Change =>
  (_directory, write) => {
    write(name, text);
  };

const stories: Record<string, readonly Change[]> = {
  'a primary that appears late': [put('10-x.conflist', calico)],
  'a primary that is written anew': [
    put('10-x.conflist', calico),
    put('10-x.conflist', fixture('flannel.conflist')),
  ],
  'a primary before the one that was first': [
    put('10-x.conflist', calico),
    put('05-y.conflist', fixture('cilium.conflist')),
  ],
  'a primary that goes, with another behind it': [
    put('10-x.conflist', calico),
    put('20-y.conflist', fixture('aws.conflist')),
    remove('10-x.conflist'),
  ],
  'a single plugin that comes back beside its list': [
    put('10-x.conflist', calico),
    put('10-x.conf', single),
  ],
  'a single plugin that gives way to a list': [
    put('10-x.conf', single),
    put('10-x.conflist', calico),
    remove('10-x.conf'),
  ],
  'a primary that is renamed': [
    put('10-x.conflist', calico),
    (directory) => {
      renameSync(join(directory, '10-x.conflist'), join(directory, '30-x.conflist'));
    },
  ],
  'a directory that is made anew': [
    put('10-x.conflist', calico),
    (directory, write) => {
      renameSync(directory, `${directory}.old`);
      mkdirSync(directory);
      write('10-x.conflist', calico);
    },
  ],
  'a primary that is torn, then whole': [
    put('10-x.conflist', calico),
    put('10-x.conflist', calico.slice(0, 300)),
    put('10-x.conflist', calico),
  ],
};

describe('an agent that keeps the installation', () => {
  let installation: Installation;
  const stop = { now: new AbortController(), ended: Promise.resolve() };
  afterEach(async () => {
    stop.now.abort();
    await stop.ended;
  });
  const node = ground();
  beforeEach(() => {
    const options = { holder: 'agent-1', trial: async () => undefined, lookMs: 50, settleMs: 1 };
    installation = createInstallation(node.config(), options);
    stop.now = new AbortController();
    stop.ended = installation.keep(stop.now.signal);
  });

  async function isSettled(): Promise<boolean> {
    const [config, files] = [node.config(), createFiles()];
    const { steps, obstacle } = reconcile(
      await observe(config, files),
      await wanted(config, files),
    );
    return installation.isComplete() && steps.length === 0 && obstacle === undefined;
  }

  for (const [name, changes] of Object.entries(stories)) {
    it(`follows ${name}`, async () => {
      const { netDir } = node.config();
      for (const [index, change] of changes.entries()) {
        change(netDir, node.write);
        const isWhole = index === changes.length - 1 || !name.includes('torn') || index === 0;
        while (isWhole ? !(await isSettled()) : installation.isComplete()) await sleep(5);
      }
      const texts = readdirSync(netDir).map((file) => readFileSync(join(netDir, file), 'utf8'));
      const holding = texts.filter((text) => text.includes('"sluice-cni"'));
      assert.equal(holding.length, 1);
      assert.ok(texts.filter(isGenerated).length <= 1);
    });
  }
});
