// Runs a script as `loader.ts` does, and keeps what V8 compiled of it: `warmup.cjs <script> <cache>`
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [source, cache] = process.argv.splice(2);
const script = new Script(readFileSync(source, 'latin1'), { filename: 'sluice-cni' });
process.on('exit', () => {
  writeFileSync(cache, script.createCachedData());
});
script.runInThisContext()(require);
