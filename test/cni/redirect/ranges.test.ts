import assert from 'node:assert/strict';
import { execa } from 'execa';

/** In a process of its own, as other tests need the package. */
const script = `
import { createRequire } from 'node:module';
import { parseCidrSet } from './cni/redirect/cidrs.ts';
await parseCidrSet(process.argv[1], () => undefined);
const loaded = Object.keys(createRequire(import.meta.url).cache);
process.stdout.write(String(loaded.some((path) => path.includes('/ip-num/'))));
`;

describe('parseRanges()', () => {
  for (const [text, loads] of [
    ['', 'false'],
    ['*', 'false'],
    ['10.0.0.0/8', 'true'],
  ] as const) {
    it(`loads ip-num for "${text}": ${loads}`, async () => {
      const args = [
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '--eval',
        script,
      ];
      const { stdout } = await execa(process.execPath, [...args, text]);
      assert.equal(stdout, loads);
    });
  }
});
