import assert from 'node:assert/strict';

import { parseRequest } from '../../../../cni/spec/request.ts';
import { failure, invocation } from '../../../support/invocation.ts';

const DEL = { CNI_COMMAND: 'DEL', CNI_NETNS: '' };
const attachment = { command: 'DEL', containerId: 'a1b2c3', ifName: 'eth0' };

describe('parseRequest() of DEL', () => {
  const right: Record<string, readonly [Record<string, unknown>, string]> = {
    'the default': [{}, '/var/lib/sluice'],
    'its own': [{ stateDir: '/s' }, '/s'],
    null: [{ stateDir: null }, '/var/lib/sluice'],
    'its own beside an unknown version': [{ stateDir: '/s', cniVersion: '9.8.7' }, '/s'],
    'its own beside a bad name': [{ stateDir: '/s', name: 'te%%st' }, '/s'],
    'its own beside wrong keys': [{ stateDir: '/s', deadlineMs: 'soon', backend: 'nft' }, '/s'],
    'its own beside a broken prevResult': [{ stateDir: '/s', prevResult: 'x' }, '/s'],
  };
  for (const [name, [entry, stateDir]] of Object.entries(right)) {
    it(`uses the state directory: ${name}`, () => {
      const request = parseRequest(invocation({ env: DEL, entry }));
      assert.deepEqual(request, { ...attachment, stateDir, warnings: [] });
    });
  }

  const undecodable = ['', 'x', '{', '[]', 'null', '{} {}', '['.repeat(100_000)];
  const wrong = ['{"stateDir":1}', '{"stateDir":"relative"}', '{"stateDir":{}}'];
  for (const stdin of [...undecodable, ...wrong]) {
    it(`uses the default and warns: ${JSON.stringify(stdin.slice(0, 30))}`, () => {
      const request = parseRequest(invocation({ env: DEL, stdin }));
      assert.ok(request.command === 'DEL');
      const { warnings, ...rest } = request;
      assert.deepEqual(rest, { ...attachment, stateDir: '/var/lib/sluice' });
      assert.equal(warnings.length, 1);
      assert.match(String(warnings[0]), /^used .*"\/var\/lib\/sluice": /);
    });
  }

  it('does not read CNI_ARGS', () => {
    const request = parseRequest(invocation({ env: { ...DEL, CNI_ARGS: 'some;extra;args' } }));
    assert.equal(request.command, 'DEL');
  });

  for (const name of ['CNI_CONTAINERID', 'CNI_IFNAME']) {
    it(`needs ${name}`, () => {
      const run = (): unknown => parseRequest(invocation({ env: { ...DEL, [name]: '' } }));
      assert.equal(failure(run).code, 4);
    });
  }
});
