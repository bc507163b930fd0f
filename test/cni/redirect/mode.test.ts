import assert from 'node:assert/strict';

import { parseMode } from '../../../cni/redirect/mode.ts';

describe('parseMode()', () => {
  for (const text of ['REDIRECT', 'TPROXY']) {
    it(`takes ${text}`, () => {
      assert.equal(parseMode(text), text);
    });
  }

  for (const text of ['', ' ', 'redirect', 'TPROXY ', 'NONE']) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseMode(text), {
        name: 'RangeError',
        message: `cannot parse interception mode "${text}": expected REDIRECT, TPROXY or NONE`,
      });
    });
  }
});
