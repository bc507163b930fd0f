/**
 * A client in a netns: `talk.ts <uid> <http | udp | tcp> <address> <port>`; `udp` and `tcp` are
 * DNS queries. It prints one line of JSON, see `Talk` in traffic.ts.
 */
import { ask } from './ask.ts';
import { become } from './owner.ts';
import { type TalkProtocol } from './traffic.ts';

const [uid = '', protocol = '', address = '', port = ''] = process.argv.slice(2);

become(Number(uid));
const talk = await ask({ protocol: protocol as TalkProtocol, address, port: Number(port) });
process.stdout.write(`${JSON.stringify(talk)}\n`);
