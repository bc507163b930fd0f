export interface Response {
  readonly status: number;
  readonly body: string;
}

/**
 * Reads an HTTP/1.1 response from all bytes of a connection that is closed after it.
 *
 * @throws {Error} when the connection ended too early
 * @throws {SyntaxError} when the bytes are no such response
 */
export function parseResponse(bytes: Buffer): Response {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) throw bytes.includes('\r\n') || bytes.length === 0 ? tooEarly() : malformed();
  const [statusLine = '', ...headerLines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) throw malformed();
  const body = decodeBody(bytes.subarray(headEnd + 4), parseHeaders(headerLines));
  return { status: Number(status), body: body.toString('utf8') };
}

function parseHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw malformed();
      return [name.toLowerCase(), value];
    }),
  );
}

function decodeBody(bytes: Buffer, headers: ReadonlyMap<string, string>): Buffer {
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked') throw malformed();
    return unchunk(bytes);
  }
  const length = headers.get('content-length');
  if (length === undefined) return bytes;
  if (!/^\d{1,15}$/.test(length)) throw malformed();
  if (bytes.length < Number(length)) throw tooEarly();
  if (bytes.length > Number(length)) throw malformed();
  return bytes;
}

/** `5\r\nhello\r\n0\r\n\r\n` -> `hello`; what follows the last chunk is no part of it. */
function unchunk(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) throw tooEarly();
    const size = /^([0-9a-f]{1,8})(?:;|$)/i.exec(bytes.toString('latin1', at, lineEnd))?.[1];
    if (size === undefined) throw malformed();
    const start = lineEnd + 2;
    const end = start + parseInt(size, 16);
    if (end === start) return Buffer.concat(chunks);
    if (end + 2 > bytes.length) throw tooEarly();
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw malformed();
    chunks.push(bytes.subarray(start, end));
    at = end + 2;
  }
}

function tooEarly(): Error {
  return new Error('the connection ended before the answer did');
}

function malformed(): SyntaxError {
  return new SyntaxError('cannot read the answer: expected HTTP/1.1');
}
