import { type Question } from './ask.ts';
import { type Netns } from './netns.ts';
import { type Daemon, startProgram } from './process.ts';
import { type Talk } from './traffic.ts';

/** Who sends something, and from which netns. */
export interface Owner {
  readonly netns: Netns;
  readonly uid: number;
  readonly gid: number;
}

export interface Callers {
  /** Sends one request as that owner; the first one of an owner starts its process. */
  readonly ask: (owner: Owner, question: Question) => Promise<Talk>;
  readonly stop: () => Promise<void>;
}

/** Clients that stay, because to start one takes longer than to ask a hundred times. */
export function createCallers(): Callers {
  const daemons = new Map<string, Promise<Daemon>>();
  let last = 0;
  return {
    async ask({ netns, uid, gid }, question) {
      const key = `${netns.name} ${uid} ${gid}`;
      const starting =
        daemons.get(key) ?? startProgram(netns, 'caller.ts', [String(uid), String(gid)]);
      daemons.set(key, starting);
      const daemon = await starting;
      const id = ++last;
      daemon.say(JSON.stringify({ id, ...question }));
      const line = await daemon.line((each) => each.startsWith(`{"id":${id},`));
      if (line === undefined) throw new Error(`cannot ask as ${key}: the process does not answer`);
      return (JSON.parse(line) as { talk: Talk }).talk;
    },
    async stop() {
      for (const starting of daemons.values()) {
        const daemon = await starting.catch(() => undefined); // whoever asked knows
        await daemon?.stop();
      }
    },
  };
}
