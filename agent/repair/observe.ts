import { curable, incurable, sentenceOf } from './curable.ts';
import { type Treatment } from './treatment.ts';

/** Tells it, and leaves the pod alone. */
export const observe: Treatment = ({ state }) => {
  const why = [...curable(state), ...incurable(state)];
  const event = { type: 'Warning', reason: 'NotRedirected', message: sentenceOf(why) } as const;
  return Promise.resolve({ outcome: 'told', event });
};
