import { build, type BuildOptions } from 'esbuild';
import { lean } from './lean.ts';

/** Bundles a program into the one CommonJS script that a packaged executable can hold. */
export async function bundle(entry: string, version: string): Promise<string> {
  const { outputFiles } = await build({
    ...bundleOptions(version),
    write: false,
    entryPoints: [entry],
  });
  return outputFiles.map(({ text }) => text).join('');
}

export function bundleOptions(version: string): BuildOptions {
  return {
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    define: { SLUICE_VERSION: JSON.stringify(version) },
    // A script with a code cache cannot import(); its require() loads Node's own modules as lazily.
    supported: { 'dynamic-import': false },
    // An import of types alone must not load its file: with tsconfig.json's verbatimModuleSyntax it does.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false } },
    plugins: [lean],
    logLevel: 'silent',
  };
}
