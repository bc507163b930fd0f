// Makes dist/tools from Debian's packages, where it is not fresh: what lies beside the plugin on a node,
// because many nodes have neither iptables nor nsenter. Without the network the rest is tested without it.
import { provideToolbox } from './toolbox.ts';

const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
try {
  await provideToolbox(arch, say);
} catch (error) {
  say(`left out dist/tools: ${error instanceof Error ? error.message : String(error)}`);
}
