// Turns one bundled script into an executable. A program of its own because pkg prints as it goes,
// changes its working directory, and looks for its downloads in the home folder.
//
// The deep import is what pins @yao-pkg/pkg to one exact version: its command line drops both
// `useCodeCache` and `execArgvExtension`, and only the latter makes Node.js ignore NODE_OPTIONS.
import pkg from '@yao-pkg/pkg/lib-es5/sea.js';
import { type Job } from './executable.ts';

const { script, output, arch, assets } = JSON.parse(process.argv[2] ?? '') as Job;

const seaConfig = {
  assets,
  // The cache holds machine code, so it is made only by the architecture it is for.
  useCodeCache: arch === process.arch,
  useSnapshot: false,
  execArgvExtension: 'none',
  disableExperimentalSEAWarning: true,
};
const nodeRange = `node${process.versions.node}`;
await pkg.default(script, { seaConfig, targets: [{ nodeRange, platform: 'linux', arch, output }] });
