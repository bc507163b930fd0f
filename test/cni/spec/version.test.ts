import assert from 'node:assert/strict';

import { causes } from '../../../cni/spec/error.ts';
import {
  CNI_VERSIONS,
  isAtLeast,
  isCniVersion,
  parseVersion,
  renderVersions,
  resultFormat,
} from '../../../cni/spec/version.ts';
import { failure } from '../../support/invocation.ts';

describe('parseVersion()', () => {
  for (const version of CNI_VERSIONS) {
    it(`reads ${version}`, () => {
      assert.equal(parseVersion(version, '0.1.0'), version);
    });
  }

  for (const value of [undefined, null, '']) {
    it(`takes ${String(value)} for absent`, () => {
      assert.equal(parseVersion(value, '0.1.0'), '0.1.0');
    });
  }

  for (const value of ['9.8.7', '1.1', 'v1.0.0', '1.0.0 ', '>=1.0.0', '1.2.0', 'adsfsadf']) {
    it(`refuses "${value}"`, () => {
      assert.equal(failure(() => parseVersion(value, '0.1.0')).code, 1);
    });
  }

  for (const value of [1, true, {}, ['1.0.0']]) {
    it(`cannot decode ${JSON.stringify(value)}`, () => {
      assert.equal(failure(() => parseVersion(value, '0.1.0')).code, 6);
    });
  }

  it('tells both sides in the details', () => {
    assert.deepEqual(causes(failure(() => parseVersion('9.8.7', '0.1.0'))), [
      'config is "9.8.7", plugin supports ["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]',
    ]);
  });
});

describe('isCniVersion()', () => {
  it('knows no prefix, no prototype', () => {
    assert.deepEqual(['1.1', 'length', 'toString', '', null, 0].filter(isCniVersion), []);
  });
});

describe('isAtLeast()', () => {
  it('follows the order of the releases', () => {
    const since = CNI_VERSIONS.filter((version) => isAtLeast(version, '0.4.0'));
    assert.deepEqual(since, ['0.4.0', '1.0.0', '1.1.0']);
  });
});

describe('resultFormat()', () => {
  it('changed with 0.3.0 and 1.0.0', () => {
    assert.deepEqual(CNI_VERSIONS.map(resultFormat), [
      ...['ip4-ip6', 'ip4-ip6', 'versioned-ips', 'versioned-ips', 'versioned-ips', 'ips', 'ips'],
    ]);
  });
});

describe('renderVersions()', () => {
  it('is the result of VERSION', () => {
    assert.deepEqual(JSON.parse(renderVersions('0.4.0')), {
      cniVersion: '0.4.0',
      supportedVersions: ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'],
    });
  });
});
