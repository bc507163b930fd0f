import { build, type BuildOptions } from 'esbuild';

/** Bundles a program into the one CommonJS script that a packaged executable can hold. */
export async function bundle(entry: string, version: string): Promise<string> {
  const { outputFiles } = await build({ ...options(version), entryPoints: [entry] });
  return outputFiles.map(({ text }) => text).join('');
}

function options(version: string): BuildOptions & { write: false } {
  return {
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    define: { SLUICE_VERSION: JSON.stringify(version) },
    // A script with a code cache cannot import(); its require() loads Node's own modules as lazily.
    supported: { 'dynamic-import': false },
    logLevel: 'silent',
  };
}
