import { buildBinaries, clusterPrograms, say } from '../support/apiserverbuild.ts';

const binaries = await buildBinaries(clusterPrograms);
say('missing' in binaries ? binaries.missing : `found in ${binaries.directory}`);
