import assert from 'node:assert/strict';

import { parseEnvironment } from '../../../cni/spec/environment.ts';
import { failure, invocation } from '../../support/invocation.ts';

const ALL = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH'];
const REQUIRED: Record<string, readonly string[]> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
  GC: [],
  STATUS: [],
  VERSION: [],
};

describe('parseEnvironment()', () => {
  for (const [command, required] of Object.entries(REQUIRED)) {
    for (const name of ALL) {
      const { env } = invocation({ env: { CNI_COMMAND: command, [name]: '' } });
      const without = Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
      if (required.includes(name)) {
        const message = `cannot serve ${command}: ${name} is not set`;
        it(`${command} needs ${name}`, () => {
          const { code, message: found } = failure(() => parseEnvironment(without));
          assert.deepEqual([code, found], [4, message]);
        });
        it(`${command} takes an empty ${name} for missing`, () => {
          assert.equal(failure(() => parseEnvironment(env)).message, message);
        });
      } else {
        it(`${command} does without ${name}`, () => {
          assert.equal(parseEnvironment(without).command, command);
        });
      }
    }

    if (required.length > 1) {
      it(`${command} names every missing variable`, () => {
        assert.equal(
          failure(() => parseEnvironment({ CNI_COMMAND: command })).message,
          `cannot serve ${command}: ${required.join(', ')} are not set`,
        );
      });
    }
  }

  it('keeps what ADD needs', () => {
    assert.deepEqual(parseEnvironment(invocation({ env: { CNI_ARGS: 'A=1' } }).env), {
      command: 'ADD',
      containerId: 'a1b2c3',
      ifName: 'eth0',
      netns: '/run/netns/cni-1',
      args: 'A=1',
    });
  });

  for (const CNI_COMMAND of ['', undefined]) {
    it(`needs a command, not ${String(CNI_COMMAND)}`, () => {
      const { env } = invocation();
      const { code, message } = failure(() => parseEnvironment({ ...env, CNI_COMMAND }));
      assert.deepEqual([code, message], [4, 'cannot serve the runtime: CNI_COMMAND is not set']);
    });
  }

  for (const command of ['add', 'ADD ', 'FIX', 'constructor', 'GET\nADD']) {
    it(`refuses the command ${JSON.stringify(command)}`, () => {
      const { code, message } = failure(() => parseEnvironment({ CNI_COMMAND: command }));
      const wanted = 'wanted ADD, CHECK, DEL, GC, STATUS or VERSION';
      const expected = `cannot serve CNI_COMMAND ${JSON.stringify(command)}: ${wanted}`;
      assert.deepEqual([code, message], [4, expected]);
    });
  }

  for (const command of ['ADD', 'CHECK', 'DEL']) {
    for (const id of ['some-%%container-id', '-a', '.a', '_a', '../a', 'a/b', 'a b', 'a\n', 'ä']) {
      it(`${command} refuses the container ${JSON.stringify(id)}`, () => {
        const { env } = invocation({ env: { CNI_COMMAND: command, CNI_CONTAINERID: id } });
        const { code, message } = failure(() => parseEnvironment(env));
        assert.deepEqual([code, message.includes(JSON.stringify(id))], [4, true]);
      });
    }

    const names = ['1234567890123456', '.', '..', 'test/test', 'test:test', 'test test', 'a\tb'];
    for (const name of [...names, 'a\u00a0b', 'ääääääää']) {
      it(`${command} refuses the interface ${JSON.stringify(name)}`, () => {
        const { env } = invocation({ env: { CNI_COMMAND: command, CNI_IFNAME: name } });
        const { code, message } = failure(() => parseEnvironment(env));
        assert.deepEqual([code, message.includes(JSON.stringify(name))], [4, true]);
      });
    }
  }

  for (const [id, name] of [
    ['a', '...'],
    ['0A.b_c-d', '123456789012345'],
    ['f'.repeat(64), 'ääääääa'],
  ]) {
    it(`takes the container ${String(id)} and the interface ${String(name)}`, () => {
      const { env } = invocation({ env: { CNI_CONTAINERID: id ?? '', CNI_IFNAME: name ?? '' } });
      const environment = parseEnvironment({ ...env, CNI_COMMAND: 'DEL' });
      assert.deepEqual(environment, { command: 'DEL', containerId: id, ifName: name });
    });
  }
});
