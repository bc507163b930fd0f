import assert from 'node:assert/strict';
import fc from 'fast-check';

import { clip, quote } from '../../../cni/redirect/quote.ts';

/** Surrogates without their other half, too. */
const anyText = fc
  .array(fc.oneof(fc.nat(0xff), fc.nat(0xffff), fc.nat(0x10ffff)), { maxLength: 100 })
  .map((codes) => String.fromCodePoint(...codes));

describe('quote()', () => {
  const cases: [text: string, quoted: string][] = [
    ['ssh', '"ssh"'],
    ['', '""'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['a\nb\u0000', '"a\\nb\\u0000"'],
    ['\u007f\u0085\u2028', '"\\u{7f}\\u{85}\\u{2028}"'],
    ['\u202eevil\u200b', '"\\u{202e}evil\\u{200b}"'],
    ['Zürich', '"Zürich"'],
    ['\ud800', '"\ufffd"'],
    ['x'.repeat(65), `"${'x'.repeat(64)}…"`],
    [`${'x'.repeat(63)}😀`, `"${'x'.repeat(63)}\ufffd…"`],
  ];
  for (const [text, quoted] of cases) {
    it(`writes ${JSON.stringify(text)} as ${quoted}`, () => {
      assert.equal(quote(text), quoted);
    });
  }

  it('yields one short line without control characters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.match(quote(text), /^"[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*"$/u);
        assert.ok(quote(text).length < 64 * 8);
      }),
    );
  });
});

describe('clip()', () => {
  it('leaves 64 characters alone', () => {
    assert.equal(clip('x'.repeat(64)), 'x'.repeat(64));
  });
});
