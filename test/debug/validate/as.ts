/** Runs a command of ours as another user, without a capability: `as.ts <uid> <command> …`. */
import { COMMANDS } from '../../../debug/commands.ts';
import { type Io } from '../../../debug/command.ts';
import { placeOf } from '../../../debug/place.ts';
import { runCommand } from '../../../debug/run.ts';
import { PLAIN } from '../../../debug/style.ts';
import { become } from '../../support/owner.ts';

const [uid = '', ...args] = process.argv.slice(2);
await COMMANDS.validate?.load(); // before: that user may not be allowed to read the folder
become(Number(uid));

const io: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stdin: () => '',
  env: {},
  cwd: '/',
  place: placeOf({}),
  signal: new AbortController().signal,
};
process.exitCode = await runCommand({ program: 'sluice', args, style: PLAIN }, COMMANDS, io);
