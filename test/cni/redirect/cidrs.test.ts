import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';

import {
  parseCidrs,
  parseCidrSet,
  parseLoopbackCidr,
  renderCidrSet,
} from '../../../cni/redirect/cidrs.ts';

const prefixed = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
);
const item = prefixed.map(([address, prefix]) => `${address}/${prefix}`);

describe('parseCidrs()', () => {
  const cases: Record<string, string> = {
    '': '',
    '10.0.0.0/8': '10.0.0.0/8',
    '10.1.2.3': '10.1.2.3/32',
    '2001:DB8::1': '2001:db8::1/128',
    '2001:0db8:0:0::/32 , 10.0.0.0/8': '10.0.0.0/8,2001:db8::/32',
    '0.0.0.0/0': '0.0.0.0/0',
    '::/0': '::/0',
    '10.0.0.0/8,10.0.0.0/8': '10.0.0.0/8',
    '10.1.0.0/16,10.0.0.0/8,10.2.0.0/16,11.0.0.0/8': '10.0.0.0/8,11.0.0.0/8',
    '10.0.0.0/8,::a00:0/104': '10.0.0.0/8,::10.0.0.0/104',
    '0.0.0.0/0,127.0.0.0/8,127.0.0.0/8': '0.0.0.0/0,127.0.0.0/8',
    '::/0,::1': '::/0,::1/128',
  };
  for (const [text, canonical] of Object.entries(cases)) {
    it(`reads "${text}" as "${canonical}"`, async () => {
      const { cidrs, warnings } = await parse(text);
      assert.equal(renderCidrSet(cidrs), canonical);
      assert.deepEqual(warnings, []);
    });
  }

  const warned: [text: string, canonical: string, warning: string][] = [
    ['10.1.2.3/8', '10.0.0.0/8', '"10.1.2.3/8" has host bits: 10.0.0.0/8 is used'],
    ['2001:db8::1/32', '2001:db8::/32', '"2001:db8::1/32" has host bits: 2001:db8::/32 is used'],
    [
      '::ffff:10.0.0.0/104',
      '::ffff:10.0.0.0/104',
      '"::ffff:10.0.0.0/104" matches no IPv4 traffic: write it as an IPv4 range',
    ],
  ];
  for (const [text, canonical, warning] of warned) {
    it(`reads "${text}" with a warning`, async () => {
      const { cidrs, warnings } = await parse(text);
      assert.deepEqual([renderCidrSet(cidrs), ...warnings], [canonical, warning]);
    });
  }

  const wrong = [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/08',
    '10.0.0.0/',
    '/8',
    '10.0.0/8',
    '010.0.0.1',
  ];
  const alsoWrong = [
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fe80::1%eth0',
    'web',
    '*',
    '1::2::3',
    '-',
  ];
  for (const text of [...wrong, ...alsoWrong]) {
    it(`refuses "${text}"`, async () => {
      await assert.rejects(parse(text), {
        name: 'RangeError',
        message: `cannot parse address range "${text}": expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32`,
      });
    });
  }

  it('refuses an empty item', async () => {
    await assert.rejects(parse('10.0.0.0/8,'), RangeError);
  });

  it('is undone by renderCidrSet()', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item), async (items) => {
        const { cidrs } = await parse(items.join(','));
        const again = await parse(renderCidrSet(cidrs));
        assert.deepEqual(again.cidrs, cidrs);
      }),
    );
  });

  it('takes what the kernel would take for an address, and nothing else', async () => {
    const letters = fc.constantFrom('0', '1', '2', '5', '9', 'a', 'f', ':', '::', '.', '%', '/');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: letters, minLength: 1, maxLength: 12 }), async (text) => {
        const taken = await parse(text).then(
          () => true,
          () => false,
        );
        const [address = '', prefix, ...more] = text.split('/');
        const bits = isIPv4(address) ? 32 : 128;
        const known = (isIPv4(address) || isIPv6(address)) && !address.includes('%');
        const cut =
          prefix === undefined || (/^(0|[1-9]\d*)$/.test(prefix) && Number(prefix) <= bits);
        assert.equal(taken, known && cut && more.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseCidrSet()', () => {
  it('reads "*" as all, and writes it', async () => {
    assert.equal(await parseCidrSet(' *', noWarning), 'all');
    assert.equal(renderCidrSet('all'), '*');
  });
});

describe('parseLoopbackCidr()', () => {
  for (const text of ['127.0.0.1/32', '127.0.0.0/8', '127.1.0.0/16']) {
    it(`takes "${text}"`, async () => {
      assert.equal((await parseLoopbackCidr(text, noWarning)).text, text);
    });
  }

  for (const text of ['', '10.0.0.0/8', '::1/128', '126.0.0.0/7', '127.0.0.1,127.0.0.2', '*']) {
    it(`refuses "${text}"`, async () => {
      await assert.rejects(parseLoopbackCidr(text, noWarning), RangeError);
    });
  }
});

async function parse(text: string) {
  const warnings: string[] = [];
  const cidrs = await parseCidrs(text, (warning) => warnings.push(warning));
  return { cidrs, warnings };
}

function noWarning(warning: string): never {
  throw new Error(warning);
}
