/**
 * A client in a netns that asks again and again: `caller.ts <uid> <gid>`. It reads questions as
 * lines of JSON with an `id`, and prints each answer as a line with that id. It says `ready`.
 */
import { createInterface } from 'node:readline';
import { ask, type Question } from './ask.ts';
import { become } from './owner.ts';

const [uid = '', gid = ''] = process.argv.slice(2);

become(Number(uid), Number(gid));
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...question } = JSON.parse(line) as Question & { readonly id: number };
  process.stdout.write(`${JSON.stringify({ id, talk: await ask(question) })}\n`);
}
process.exit();
