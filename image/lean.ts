import { type Plugin } from 'esbuild';

const CLIENT = '@kubernetes/client-node';
/** Not each of its thousand models, which is nowhere imported once these are not: each question takes its time. */
const ENTRANCES = /^(@kubernetes\/client-node|\.\/[a-z][^.]*\.js)$/;
/** The library's `fetch`, which the agent does not use: loading it compiles WebAssembly. */
const UNUSED = /^undici$/;

/**
 * Bundles of the Kubernetes client only what is imported. Of itself it does not say that its files do nothing when they
 * are loaded, so that all of them would be, in each agent.
 */
export const lean: Plugin = {
  name: 'lean',
  setup(build) {
    build.onResolve({ filter: ENTRANCES }, async (asked) => {
      const { path, importer, kind, resolveDir } = asked;
      const isOurs = path === CLIENT || importer.includes(CLIENT);
      if (!isOurs || asked.pluginData === lean) return undefined;
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: lean });
      return { ...found, sideEffects: false };
    });
    build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    build.onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }));
  },
};
