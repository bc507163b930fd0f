import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseResponse } from '../../../cni/facts/response.ts';

const head = 'HTTP/1.1 200 OK\r\n';

describe('parseResponse()', () => {
  const whole: Record<string, string> = {
    'of a given length': `${head}Content-Length: 5\r\n\r\nhello`,
    'up to the end of the connection': `${head}\r\nhello`,
    'in chunks': `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;name=value\r\nllo\r\n0\r\n\r\n`,
    'with headers in any letter case': `${head}CONTENT-LENGTH:5\r\n\r\nhello`,
    'without a reason phrase': 'HTTP/1.1 200\r\n\r\nhello',
  };
  for (const [name, text] of Object.entries(whole)) {
    it(`reads a body ${name}`, () => {
      assert.deepEqual(parseResponse(Buffer.from(text)), { status: 200, body: 'hello' });
    });
  }

  const early: Record<string, string> = {
    nothing: '',
    'half a head': `${head}Content-Le`,
    'a body shorter than its length': `${head}Content-Length: 6\r\n\r\nhello`,
    'a chunk shorter than its size': `${head}Transfer-Encoding: chunked\r\n\r\n9\r\nhello\r\n`,
    'chunks without the last one': `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  };
  for (const [name, text] of Object.entries(early)) {
    it(`tells an end that came too early: ${name}`, () => {
      const message = 'the connection ended before the answer did';
      assert.throws(() => parseResponse(Buffer.from(text)), { name: 'Error', message });
    });
  }

  const nonsense: Record<string, string> = {
    'no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'no line at all': 'hello',
    'HTTP/2': 'HTTP/2 200\r\n\r\n',
    'a header without a name': `${head}: 5\r\n\r\nhello`,
    'a body longer than its length': `${head}Content-Length: 4\r\n\r\nhello`,
    'a negative length': `${head}Content-Length: -5\r\n\r\nhello`,
    'an encoding that nobody asked for': `${head}Transfer-Encoding: gzip\r\n\r\nhello`,
    'a chunk without a size': `${head}Transfer-Encoding: chunked\r\n\r\nz\r\nhello\r\n0\r\n\r\n`,
    'a chunk longer than its size': `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n`,
  };
  for (const [name, text] of Object.entries(nonsense)) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseResponse(Buffer.from(text)), { name: 'SyntaxError' });
    });
  }

  it('reads what was rendered, in chunks of any size', () => {
    const size = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), size, (body, bytes) => {
        const rendered = Buffer.concat([
          Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`),
          chunked(body, bytes),
        ]);
        assert.deepEqual(parseResponse(rendered), { status: 200, body });
      }),
    );
  });

  it('never takes a part for the whole', () => {
    const rendered = Buffer.from(`${head}Content-Length: 5\r\n\r\nhello`);
    for (let length = 0; length < rendered.length; length += 1) {
      assert.throws(() => parseResponse(rendered.subarray(0, length)));
    }
  });
});

function chunked(body: string, size: number): Buffer {
  const bytes = Buffer.from(body);
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => i * size);
  const chunks = starts.flatMap((start) => {
    const chunk = bytes.subarray(start, start + size);
    return [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')];
  });
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
}
