import assert from 'node:assert/strict';

import { type Inbound, readInbound } from '../../../cni/redirect/inbound.ts';
import { renderPortSet } from '../../../cni/redirect/ports.ts';
import { podFacts } from '../../support/pod.ts';

const KEYS = {
  include: 'traffic.sidecar.istio.io/includeInboundPorts',
  exclude: 'traffic.sidecar.istio.io/excludeInboundPorts',
  status: 'status.sidecar.istio.io/port',
} as const;
type Says = Partial<Record<keyof typeof KEYS, string>>;

describe('readInbound()', () => {
  const cases: [says: Says, captured: string][] = [
    [{}, 'all but 15020-15021,15090'],
    [{ include: '*' }, 'all but 15020-15021,15090'],
    [{ exclude: '' }, 'all but 15020-15021,15090'],
    [{ exclude: '22, 15019' }, 'all but 22,15019-15021,15090'],
    [{ status: '8888' }, 'all but 8888,15020-15021,15090'],
    [{ status: '0' }, 'all but 15020-15021,15090'],
    [{ exclude: '22', status: '8888,9' }, 'all but 9,22,8888,15020-15021,15090'],
    [{ exclude: '*' }, 'none'],
    [{ include: '' }, 'none'],
    [{ include: '80,443' }, 'only 80,443'],
    [{ include: '80,443', exclude: '80', status: '443' }, 'only 80,443'],
    [{ include: '80', exclude: '*' }, 'only 80'],
    [{ include: '15000-15100' }, 'only 15000-15100'],
  ];
  for (const [says, captured] of cases) {
    it(`${JSON.stringify(says)} captures ${captured}`, async () => {
      assert.equal(inWords((await read(says)).value), captured);
    });
  }

  const a = (key: keyof typeof KEYS) => `annotation ${KEYS[key]}`;
  const settings: [says: Says, include: [string, string], exclude: [string, string]][] = [
    [{}, ['*', 'default'], ['15020-15021,15090', 'default']],
    [
      { include: '*', exclude: '22', status: '9' },
      ['*', a('include')],
      ['9,22,15020-15021,15090', `${a('exclude')}, ${a('status')}, default`],
    ],
    [{ include: '80', exclude: '22' }, ['80', a('include')], ['', a('include')]],
    [{ exclude: '*' }, ['', a('exclude')], ['*', a('exclude')]],
  ];
  for (const [says, include, exclude] of settings) {
    it(`${JSON.stringify(says)} is told as its effect`, async () => {
      const told = (await read(says)).settings.map(({ name, value, source }) => [
        name,
        value,
        source,
      ]);
      assert.deepEqual(told, [
        ['includeInboundPorts', ...include],
        ['excludeInboundPorts', ...exclude],
      ]);
    });
  }

  const warned: [says: Says, ports: string][] = [
    [{ include: '80,443', exclude: '443' }, '443'],
    [{ include: '80,443', status: '80' }, '80'],
    [{ include: '15000-15100' }, '15020-15021,15090'],
    [{ include: '80', exclude: '*' }, '80'],
  ];
  for (const [says, ports] of warned) {
    it(`${JSON.stringify(says)} is warned of`, async () => {
      assert.deepEqual((await read(says)).warnings, [
        `inbound ports ${ports} are excluded, but captured: the list of included ones wins`,
      ]);
    });
  }

  it('warns of nothing where the lists have nothing in common', async () => {
    assert.deepEqual((await read({ include: '80', exclude: '22' })).warnings, []);
  });

  it('tells what is wrong even where it would not count', async () => {
    const { problems } = await read({ include: '80', exclude: 'ssh', status: '*' });
    assert.equal(problems.length, 2);
  });
});

async function read(says: Says) {
  const entries = Object.entries(says) as [keyof typeof KEYS, string][];
  const annotations = Object.fromEntries(entries.map(([key, text]) => [KEYS[key], text]));
  return readInbound(podFacts({ annotations }));
}

function inWords(inbound: Inbound): string {
  if (inbound.capture === 'all') return `all but ${renderPortSet(inbound.exclude)}`;
  return inbound.capture === 'ports' ? `only ${renderPortSet(inbound.ports)}` : 'none';
}
