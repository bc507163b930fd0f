// Turns one bundled script into an executable. A program of its own because pkg prints as it goes,
// changes its working directory, and looks for its downloads in the home folder.
//
// The deep import is what pins @yao-pkg/pkg to one exact version: its command line drops both
// `useCodeCache` and `execArgvExtension`, and only the latter makes Node.js ignore NODE_OPTIONS.
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';

const [script, output, arch] = process.argv.slice(2);
if (script === undefined || output === undefined || arch === undefined) {
  throw new SyntaxError('expected: pack.ts <script> <absolute output> <architecture>');
}

const seaConfig = {
  // The cache holds machine code, so it is made only by the architecture it is for.
  useCodeCache: arch === process.arch,
  useSnapshot: false,
  execArgvExtension: 'none',
  disableExperimentalSEAWarning: true,
};
const target = {
  nodeRange: `node${process.versions.node}`,
  platform: 'linux',
  arch,
  output,
} as const;
await pkg.default(script, { seaConfig, targets: [target] });
