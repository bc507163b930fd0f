import assert from 'node:assert/strict';

import { parseRequest, type Request } from '../../../../cni/spec/request.ts';
import { invocation } from '../../../support/invocation.ts';

function gc(entry: Record<string, unknown>): Extract<Request, { command: 'GC' }> {
  const request = parseRequest({ ...invocation({ entry }), env: { CNI_COMMAND: 'GC' } });
  assert.ok(request.command === 'GC');
  return request;
}

describe('parseRequest() of GC', () => {
  it('reads the attachments that are valid', () => {
    const { validAttachments, config } = gc({
      'cni.dev/valid-attachments': [{ containerID: 'a1', ifname: 'eth0' }],
    });
    assert.deepEqual(validAttachments, [{ containerId: 'a1', ifName: 'eth0' }]);
    assert.deepEqual(config.warnings, []);
  });

  for (const [name, entry] of Object.entries({
    'no list': {},
    'a broken list': { 'cni.dev/valid-attachments': [{}] },
  })) {
    it(`knows of nothing to drop, and says so: ${name}`, () => {
      const { validAttachments, config } = gc({ ...entry, nam: 1 });
      assert.equal(validAttachments, undefined);
      assert.deepEqual(config.warnings, [
        'ignored unknown key "nam": the nearest known one is "name"',
        'dropped nothing: "cni.dev/valid-attachments" is missing or not a list of attachments',
      ]);
    });
  }
});
