import { buildBinaries, say } from '../support/apiserverbuild.ts';

const binaries = await buildBinaries();
say('missing' in binaries ? binaries.missing : `found in ${binaries.directory}`);
