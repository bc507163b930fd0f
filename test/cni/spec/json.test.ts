import assert from 'node:assert/strict';

import fc from 'fast-check';

import { isJsonObject, numberOf, parseJson, quote, spellKeys } from '../../../cni/spec/json.ts';

describe('parseJson()', () => {
  const texts = [
    ...['1e400', '-1e400', '-0', '1.0', '0.10', '1E5', '12345678901234567890', '1e-400'],
    ...['0', '-1', '1.5', 'true', 'null', '""', '"\\u0000"', '"\\ud800"', '[]', '{}'],
    '{"__proto__":{"x":1.0},"constructor":-0,"toJSON":"text"}',
    '[0,[1.00,{"a":[2e0]}]]',
  ];
  for (const text of texts) {
    it(`keeps ${text}`, () => {
      assert.equal(JSON.stringify(parseJson(text)), text);
    });
  }

  it('reads __proto__ as a key like any other', () => {
    assert.deepEqual(Object.keys(Object(parseJson('{"__proto__":{"a":1}}')) as object), [
      '__proto__',
    ]);
  });

  for (const text of ['', ' ', '{', '{} {}', '{}x', "{'a':1}", '01', 'NaN', '{"a":1,}']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseJson(text), SyntaxError);
    });
  }

  it('refuses what is nested too deeply', () => {
    assert.throws(() => parseJson('['.repeat(100_000) + ']'.repeat(100_000)), RangeError);
  });

  it('reads what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.equal(JSON.stringify(parseJson(text)), JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('keeps each number of a document', () => {
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.bigInt({ min: 0n }),
        fc.constantFrom('', '.0', '.50', 'e9', 'E-400'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        const text = `[${numbers.map((item) => `{"n":[${item}]}`).join(',')}]`;
        assert.equal(JSON.stringify(parseJson(text)), text);
      }),
    );
  });
});

describe('numberOf()', () => {
  const cases: [string, number | undefined][] = [
    ['10000', 10_000],
    ['1e4', 10_000],
    ['10000.0', 10_000],
    ['1e400', Infinity],
    ['"1"', undefined],
    ['{}', undefined],
    ['null', undefined],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${text} as ${String(expected)}`, () => {
      assert.equal(numberOf(parseJson(text)), expected);
    });
  }
});

describe('isJsonObject()', () => {
  const cases: [string, boolean][] = [
    ['{}', true],
    ['{"rawJSON":"1.0"}', true],
    ['[]', false],
    ['null', false],
    ['1', false],
    ['1.0', false],
    ['"{}"', false],
  ];
  for (const [text, expected] of cases) {
    it(`says ${String(expected)} of ${text}`, () => {
      assert.equal(isJsonObject(parseJson(text)), expected);
    });
  }
});

describe('spellKeys()', () => {
  const cases: [string, string, string][] = [
    ['any letter case', '{"CNIVERSION":1,"nAme":2}', '{"cniVersion":1,"name":2}'],
    ['the right spelling first', '{"cniVersion":1,"CNIVersion":2}', '{"cniVersion":1}'],
    ['the right spelling last', '{"CNIVersion":2,"cniVersion":1}', '{"cniVersion":1}'],
    ['the last of two variants', '{"NAME":1,"Name":2}', '{"name":2}'],
    [
      'keys that nobody asked for',
      '{"Other":1,"__proto__":{"name":2}}',
      '{"Other":1,"__proto__":{"name":2}}',
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(`spells ${name}`, () => {
      const value = parseJson(text);
      assert.ok(isJsonObject(value));
      assert.equal(JSON.stringify(spellKeys(value, ['cniVersion', 'name'])), expected);
    });
  }
});

describe('quote()', () => {
  it('shows JSON', () => {
    assert.equal(quote({ a: ['\n'] }), String.raw`{"a":["\n"]}`);
  });

  it('shows what is missing', () => {
    assert.equal(quote(undefined), 'undefined');
  });

  it('cuts what is long', () => {
    assert.equal(quote('x'.repeat(1_000)), `"${'x'.repeat(79)}…`);
  });
});
