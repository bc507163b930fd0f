import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parseEntry, parseNetConf } from '../../../cni/spec/config.ts';
import { renderResult } from '../../../cni/spec/result.ts';
import { CNI_VERSIONS, type CniVersion, resultFormat } from '../../../cni/spec/version.ts';
import { failure } from '../../support/invocation.ts';

/** By the way of the text in an entry, as the runtime's come. */
function render(cniVersion: CniVersion, text: string): string {
  const { prevResult } = parseNetConf(parseEntry(`{"name":"net","prevResult":${text}}`));
  return renderResult({ cniVersion, prevResult });
}

describe('renderResult()', () => {
  for (const version of CNI_VERSIONS) {
    it(`is an empty result of ${version} for the only plugin of a network`, () => {
      const dns = resultFormat(version) === 'ips' ? {} : { dns: {} };
      const result: unknown = JSON.parse(
        renderResult({ cniVersion: version, prevResult: undefined }),
      );
      assert.deepEqual(result, { cniVersion: version, ...dns });
    });

    it(`passes a result of ${version} through`, () => {
      const text = `{"cniVersion":"${version}","ips":[{"interface":0,"mtu":-0}],"dns":{},"x":{"y":[1.0,1e400,12345678901234567890]}}`;
      assert.equal(render(version, text), text);
    });

    it(`takes a result without version for one of ${version}`, () => {
      assert.deepEqual(JSON.parse(render(version, '{"x":1}')), { x: 1, cniVersion: version });
    });
  }

  const labels: [CniVersion, CniVersion][] = [
    ['0.1.0', '0.2.0'],
    ['0.3.0', '0.4.0'],
    ['1.1.0', '1.0.0'],
    ['1.0.0', '1.1.0'],
  ];
  for (const [from, to] of labels) {
    it(`changes the label alone from ${from} to ${to}`, () => {
      const text = '{"interfaces":[{"name":"eth0","pciID":"1"}],"ips":[],"dns":{},"cniVersion":';
      assert.equal(render(to, `${text}"${from}"}`), `${text}"${to}"}`);
    });
  }

  it('writes the label once, whatever its letter case was', () => {
    assert.equal(render('1.0.0', '{"CNIVersion":"1.1.0","a":1}'), '{"cniVersion":"1.0.0","a":1}');
  });

  it('converts a result of another format', () => {
    const text = '{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.2/24"}]}';
    assert.deepEqual(JSON.parse(render('0.2.0', text)), {
      cniVersion: '0.2.0',
      ip4: { ip: '10.0.0.2/24' },
      dns: {},
    });
  });

  const wrong: [string, number][] = [
    ['{"cniVersion":"2.0.0"}', 1],
    ['{"cniVersion":1}', 6],
    ['{"cniVersion":"0.4.0","ips":{}}', 7],
  ];
  for (const [text, code] of wrong) {
    it(`refuses ${text}`, () => {
      assert.equal(failure(() => render('1.0.0', text)).code, code);
    });
  }

  it('passes any object through', () => {
    const objects = fc.dictionary(
      fc.string().filter((key) => key.toLowerCase() !== 'cniversion'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(objects, fc.constantFrom(...CNI_VERSIONS), (object, version) => {
        const rendered: unknown = JSON.parse(render(version, JSON.stringify(object)));
        const expected: unknown = JSON.parse(JSON.stringify({ ...object, cniVersion: version }));
        assert.deepEqual(rendered, expected);
      }),
    );
  });
});
