import { readdir } from 'node:fs/promises';
import { isObject } from '../../cni/facts/json.ts';
import { askAgent } from '../askagent.ts';
import { couldNotTell, type Io } from '../command.ts';

/**
 * To be asked where no pod is known: whether that is because there is none.
 *
 * @throws {CommandError} `unknown` where nobody has told which pods there are
 */
export async function expectNoPods(io: Pick<Io, 'place' | 'signal'>): Promise<void> {
  const { stateDir } = io.place;
  const known = await askWhich(io);
  if (known?.listed === false) {
    const why = known.failure === undefined ? '' : `: ${known.failure}`;
    throw unknownPods(
      `the agent has not listed them yet${why}; try again once \`sluice status\` says that it is ready`,
    );
  }
  if (known && known.count > 0) {
    throw unknownPods(
      `the agent knows ${known.count}, but "${stateDir}" names none of them; set SLUICE_STATE_DIR to where it keeps them`,
    );
  }
  if (known || (await isEmptied(`${stateDir}/pods`))) return;
  throw unknownPods(
    `no agent answers, and neither "${stateDir}/pods" nor "${stateDir}/attachments" names one; start the agent, or set SLUICE_STATE_DIR to where they are`,
  );
}

function unknownPods(why: string): Error {
  return couldNotTell(`cannot tell which pods this node has: ${why}`);
}

interface Which {
  readonly listed: boolean;
  readonly count: number;
  readonly failure: string | undefined;
}

/** Undefined where no agent answers. */
async function askWhich(io: Pick<Io, 'place' | 'signal'>): Promise<Which | undefined> {
  const { body } = await askAgent('GET /v1/status', io).catch(() => ({ body: undefined }));
  if (!isObject(body) || !isObject(body.pods)) return undefined;
  const { listed, known, failure } = body.pods;
  return {
    listed: listed === true,
    count: typeof known === 'number' ? known : 0,
    failure: typeof failure === 'string' ? failure : undefined,
  };
}

/** The agent makes it for the first pod, and lets it be when it removes the last. */
async function isEmptied(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch(() => undefined);
  return names?.length === 0;
}
