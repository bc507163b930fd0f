import { gzipSync } from 'node:zlib';

export interface ArchiveFile {
  /** At most 255 characters, at most 100 behind the last slash; longer ones are cut. */
  readonly name: string;
  readonly text: string;
}

const BLOCK = 512;

/**
 * An archive that every tar reads, of files that only root may read.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function tarball(files: readonly ArchiveFile[], changedAt: Date): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(name, content.length, changedAt), content, padding];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
}

function header(path: string, size: number, changedAt: Date): Buffer {
  const [prefix, name] = split(path);
  const block = Buffer.alloc(BLOCK);
  const seconds = Math.floor(changedAt.getTime() / 1_000);
  const fields: readonly (readonly [at: number, text: string])[] = [
    [0, name],
    [100, octal(0o600, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(size, 11)],
    [136, octal(seconds, 11)],
    [148, ' '.repeat(8)], // the sum is made as if it were blank
    [156, '0'],
    [257, 'ustar\u000000'],
    [265, 'root'],
    [297, 'root'],
    [345, prefix],
  ];
  for (const [at, text] of fields) block.write(text, at, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Where a path is too long for one field, at the first slash behind which the rest fits into the other. */
function split(path: string): readonly [prefix: string, name: string] {
  const ascii = path.replaceAll(/[^\x20-\x7e]/g, '_');
  if (ascii.length <= 100) return ['', ascii];
  const at = ascii.indexOf('/', ascii.length - 101);
  if (at === -1 || at > 155) return ['', ascii.slice(-100)];
  return [ascii.slice(0, at), ascii.slice(at + 1)];
}
