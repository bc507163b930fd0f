// What the packaged executable runs first: the plugin's script, with the code that V8 made of it when it was tried.
import { getRawAsset } from 'node:sea';
import { Script } from 'node:vm';

const cache = process.env.CNI_COMMAND === 'ADD' ? 'add' : 'del';

// ASCII, as esbuild writes it: V8 then keeps it as it is.
const source = Buffer.from(getRawAsset('plugin.cjs')).toString('latin1');
const script = new Script(source, {
  filename: 'sluice-cni',
  // If another V8 refuses it, all is compiled anew, only slower.
  cachedData: Buffer.from(getRawAsset(`plugin.${cache}.cache`)),
});
(script.runInThisContext() as (require: NodeJS.Require) => void)(require);
