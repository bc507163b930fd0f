import assert from 'node:assert/strict';
import { netFiles, parseNetFile } from '../../install/netdir.ts';

const list = '{"name": "x", "plugins": [{"type": "ptp"}]}';

describe('netFiles()', () => {
  it('gives what a runtime looks at, in its order', () => {
    const names = [
      'a.conflist',
      '10-b.conflist',
      '10-b.conf',
      '.hidden.conf',
      '9.json',
      'Z.conf',
      'ä.conf',
      '0-sluice.conflist',
      '00-multus.conf',
      '.sluice-0123456789abcdef.tmp',
      '10-b.conflist.bak',
      'calico-kubeconfig',
    ];
    const found = netFiles(names.map((name) => ({ name }))).map(({ name }) => name);
    assert.deepEqual(found, [
      '.hidden.conf',
      '0-sluice.conflist',
      '00-multus.conf',
      '10-b.conf',
      '10-b.conflist',
      '9.json',
      'Z.conf',
      'a.conflist',
      'ä.conf',
    ]);
  });
});

describe('parseNetFile()', () => {
  it('reads a list', () => {
    assert.deepEqual(parseNetFile({ name: '10-x.conflist', text: list }), {
      is: 'list',
      name: 'x',
      file: '10-x.conflist',
      text: list,
      types: ['ptp'],
      takesDropIns: true,
    });
  });

  const broken: Record<string, [name: string, text: string, problem: string]> = {
    'an empty file': ['a.conflist', ' \n', 'is empty'],
    'a torn file': ['a.conflist', list.slice(0, -3), 'is not JSON, or only a part of it'],
    'a file that begins with a byte order mark': [
      'a.conflist',
      `\uFEFF${list}`,
      'is not JSON, or only a part of it',
    ],
    'JSON that is no object': ['a.conflist', '[]', 'is not a JSON object'],
    'a list without a name': ['a.conflist', '{"plugins": [{"type": "ptp"}]}', 'has no name'],
    'a name that is a path': [
      'a.conflist',
      list.replace('"x"', '"../x"'),
      'has a name with odd characters',
    ],
    'a list without plugins': ['a.conflist', '{"name": "x", "plugins": []}', 'has no plugins'],
    'a plugin without a type': [
      'a.conflist',
      '{"name": "x", "plugins": [{"type": "ptp"}, {}]}',
      'has a plugin without a type, the 2. of 2',
    ],
    'a list in a ".conf"': ['a.conf', list, 'has no type, which only a ".conflist" may lack'],
    'a list in a ".json"': ['a.json', list, 'has no type, which only a ".conflist" may lack'],
    'more than 2 MiB': ['a.conflist', list + ' '.repeat(2 ** 21), 'is larger than 2 MiB'],
  };
  for (const [name, [file, text, problem]] of Object.entries(broken)) {
    it(`takes ${name} for broken`, () => {
      assert.deepEqual(parseNetFile({ name: file, text }), { is: 'broken', file, problem });
    });
  }
});
