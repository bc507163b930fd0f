import assert from 'node:assert/strict';
import { pino } from 'pino';
import { type Installation } from '../../agent/installation.ts';
import { leaveWhen } from '../../agent/stop.ts';

const log = pino({ enabled: false });

/** What happens from the stop on, in order. */
async function deedsOf(isForGood: boolean, installation: Partial<Installation> | undefined) {
  const deeds: string[] = [];
  const stop = new AbortController();
  const end = async (): Promise<void> => {
    deeds.push('end');
  };
  const left = leaveWhen(stop.signal, {
    log,
    end,
    isForGood: async () => {
      deeds.push('ask');
      return isForGood;
    },
    installation: installation && {
      keep: async () => undefined,
      isComplete: () => true,
      state: () => ({ reason: undefined }),
      release: async () => {
        deeds.push('release');
      },
      remove: async (beforeRemoval) => {
        deeds.push('take out');
        await beforeRemoval();
        deeds.push('remove');
        return undefined;
      },
      ...installation,
    },
  }).catch((error: unknown) => {
    deeds.push(String(error));
  });
  assert.deepEqual(deeds, []);
  stop.abort();
  await left;
  return deeds;
}

describe('leaveWhen()', () => {
  it('ends all when it is stopped, lets another one keep the plugin, and removes nothing', async () => {
    assert.deepEqual(await deedsOf(false, {}), ['ask', 'release', 'end']);
  });

  it('ends all between the entry and what the entry names, where it is for good', async () => {
    assert.deepEqual(await deedsOf(true, {}), ['ask', 'take out', 'end', 'remove', 'end']);
  });

  it('asks nothing where nothing is installed', async () => {
    assert.deepEqual(await deedsOf(true, undefined), ['end']);
  });

  it('ends all where another agent keeps the plugin', async () => {
    assert.deepEqual(await deedsOf(true, { remove: async () => 'agent-2' }), ['ask', 'end']);
  });

  it('ends all, and says why, where the way back is barred', async () => {
    const remove = (): Promise<undefined> => Promise.reject(new Error('"10-net.conflist" is torn'));
    assert.deepEqual(await deedsOf(true, { remove }), [
      'ask',
      'end',
      'Error: "10-net.conflist" is torn',
    ]);
  });
});
