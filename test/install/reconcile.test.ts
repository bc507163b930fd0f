import assert from 'node:assert/strict';
import { chain } from '../../install/conflist.ts';
import { ownEntry } from '../../install/entry.ts';
import { generatedList } from '../../install/generated.ts';
import { parseNetFile } from '../../install/netdir.ts';
import { type Observed, type Wanted } from '../../install/observed.ts';
import { reconcile } from '../../install/reconcile.ts';
import { after, brief, observed, wanted } from './nodefiles.ts';

const entry = ownEntry();
const list = '{"name": "x", "plugins": [{"type": "ptp"}]}';
const chained = chain(list, entry);
const single = '{"name": "y", "type": "ptp"}';
const plugin = `${JSON.stringify(entry, undefined, 2)}\n`;
const [OWN, DROP_IN] = ['0-sluice.conflist', 'x/99-sluice.conf'];

function ownList(name: string, text: string): string {
  const primary = parseNetFile({ name, text });
  assert.ok(primary.is !== 'broken');
  return generatedList(primary, entry);
}

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly wanted?: Partial<Wanted>;
  readonly node?: Partial<Observed>;
  readonly steps: readonly string[];
  readonly obstacle?: RegExp;
}

const ownOfSingle = ownList('10-y.conf', single);
const cases: Record<string, Case> = {
  'a fresh node': {
    files: { '10-x.conflist': list },
    node: { executable: 'missing' },
    steps: ['install: executable-missing', 'write 10-x.conflist: entry-missing'],
  },
  'no primary yet': { files: {}, steps: [], obstacle: /no network configuration yet/ },
  'a primary that was torn': {
    files: { '10-x.conflist': '{"name": "x', '20-z.conflist': list },
    steps: [],
    obstacle: /"10-x.conflist" is not JSON/,
  },
  'an empty primary beside our list': {
    files: { [OWN]: ownOfSingle, '10-y.conf': '' },
    steps: [],
    obstacle: /"10-y.conf" is empty/,
  },
  'a primary of our entry alone': {
    files: { '10-x.conflist': list.replace('"ptp"', '"sluice-cni"') },
    steps: [],
    obstacle: /no plugin but ours/,
  },
  'a primary that appears before the one that we chained': {
    files: { '05-z.conflist': list, '10-x.conflist': chained },
    steps: ['write 05-z.conflist: entry-missing', 'write 10-x.conflist: left-over'],
  },
  'another plugin that was removed beside ours': {
    files: { '10-x.conflist': chain(list.replace('[', '[{"type": "portmap"}, '), entry) },
    steps: [],
  },
  'our entry, older': {
    files: { '10-x.conflist': chain(list, ownEntry({ logLevel: 'debug' })) },
    steps: ['write 10-x.conflist: entry-changed'],
  },
  'our entry, not last': {
    files: { '10-x.conflist': chained.replace(']', ', {"type": "portmap"}]') },
    steps: ['write 10-x.conflist: entry-not-last'],
  },
  'a single plugin': {
    files: { '10-y.conf': single },
    steps: [`write ${OWN}: entry-missing`],
  },
  'a single plugin that was written again beside our chained list of it': {
    files: { '10-y.conf': single, '10-y.conflist': chained },
    steps: [`write ${OWN}: entry-missing`, 'write 10-y.conflist: left-over'],
  },
  'a single plugin that has changed': {
    files: { [OWN]: ownOfSingle, '10-y.conf': single.replace('"ptp"', '"bridge"') },
    steps: [`write ${OWN}: primary-changed`],
  },
  'a single plugin that has become a list': {
    files: { [OWN]: ownOfSingle, '10-y.conflist': list },
    steps: ['write 10-y.conflist: entry-missing', `remove ${OWN}: left-over`],
  },
  'a primary that has gone': {
    files: { [OWN]: ownOfSingle },
    steps: [`remove ${OWN}: left-over`],
    obstacle: /no network configuration yet/,
  },
  'our own list, emptied by a power loss': {
    files: { [OWN]: '', '10-y.conf': single },
    steps: [`write ${OWN}: entry-missing`],
  },
  'our own list, torn': {
    files: { [OWN]: ownOfSingle.slice(0, 60), '10-y.conf': single },
    steps: [`write ${OWN}: entry-missing`],
  },
  "a list that is named like ours, but another's": {
    files: { [OWN]: list, '10-y.conf': single },
    wanted: { mode: 'own' },
    steps: [],
    obstacle: /"0-sluice.conflist" is not ours/,
  },
  'a single plugin that sorts before our list': {
    files: { '!.conf': single },
    steps: [],
    obstacle: /sorts before/,
  },
  'an own list instead of a chained one': {
    files: { '10-x.conflist': chained },
    wanted: { mode: 'own' },
    steps: [`write ${OWN}: entry-missing`, 'write 10-x.conflist: left-over'],
  },
  'a drop-in instead of a chained one': {
    files: { '10-x.conflist': chained },
    wanted: { mode: 'drop-in' },
    steps: [`write ${DROP_IN}: entry-missing`, 'write 10-x.conflist: left-over'],
  },
  'a drop-in of a network that has another name now': {
    files: { '10-x.conflist': list, 'old/99-sluice.conf': plugin },
    wanted: { mode: 'drop-in' },
    steps: [`write ${DROP_IN}: entry-missing`, 'remove old/99-sluice.conf: left-over'],
  },
  'a drop-in that is not last': {
    files: { '10-x.conflist': list, [DROP_IN]: plugin, 'x/zz.conf': '{"type": "tuning"}' },
    wanted: { mode: 'drop-in' },
    steps: [],
    obstacle: /"x\/zz.conf" comes after our entry/,
  },
  'a drop-in where the list takes none': {
    files: { '10-x.conflist': list.replace('{', '{"loadOnlyInlinedPlugins": true, ') },
    wanted: { mode: 'drop-in' },
    steps: [],
    obstacle: /wanted no "loadOnlyInlinedPlugins"/,
  },
  'a drop-in where the primary is no list': {
    files: { '10-y.conf': single },
    wanted: { mode: 'drop-in' },
    steps: [],
    obstacle: /wanted a ".conflist"/,
  },
  'a credential before the entry that names it': {
    files: { '10-x.conflist': list },
    wanted: { kubeconfig: { text: 'new' } },
    steps: ['write kubeconfig: credential-missing', 'write 10-x.conflist: entry-missing'],
  },
  'a rotated credential': {
    files: { '10-x.conflist': chained },
    wanted: { kubeconfig: { text: 'new' } },
    node: { kubeconfig: 'old' },
    steps: ['write kubeconfig: credential-different'],
  },
  'a credential that cannot be read now': {
    files: { '10-x.conflist': chained },
    wanted: { kubeconfig: { obstacle: 'no token' } },
    node: { kubeconfig: 'old' },
    steps: [],
    obstacle: /no token/,
  },
  'a credential that is not wanted any more, after the entry that named it': {
    files: { '10-x.conflist': chain(list, ownEntry({ apiFallback: { kubeconfig: '/k' } })) },
    node: { kubeconfig: 'old' },
    steps: ['write 10-x.conflist: entry-changed', 'remove kubeconfig: left-over'],
  },
};

describe('reconcile()', () => {
  for (const [name, { files, wanted: changes, node, steps, obstacle }] of Object.entries(cases)) {
    it(`plans for ${name}`, () => {
      const plan = reconcile(observed(files, node), wanted(changes));
      assert.deepEqual(brief(plan.steps), steps);
      assert.match(plan.obstacle ?? '', obstacle ?? /^$/);
    });

    it(`has nothing to do after the steps for ${name}`, () => {
      const found = observed(files, node);
      const { steps: taken } = reconcile(found, wanted(changes));
      assert.deepEqual(reconcile(after(found, taken), wanted(changes)).steps, []);
    });
  }
});
