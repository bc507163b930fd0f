import * as keys from '../../cni/redirect/annotations.ts';
import { type Decision } from '../../cni/redirect/decide.ts';
import { type PodFacts } from '../../cni/redirect/pod.ts';

/** Something that the pod says and that has no effect, or another than it seems. */
export interface Ignored {
  readonly what: string;
  readonly why: string;
}

/** What overrules an annotation that was read and does not show in any setting. */
const OVERRULED: Readonly<Record<string, string>> = {
  [keys.INJECT]: `the label of this name wins`,
  [keys.KUBEVIRT_INTERFACES]: `${keys.REROUTE_INTERFACES} is the newer name of it, and is there`,
  [keys.EXCLUDE_INBOUND_PORTS]: `a list in ${keys.INCLUDE_INBOUND_PORTS} wins`,
  [keys.STATUS_PORT]: `a list in ${keys.INCLUDE_INBOUND_PORTS} wins`,
  [keys.INCLUDE_INBOUND_PORTS]: `${keys.EXCLUDE_INBOUND_PORTS} excludes all`,
};

/** What a redirected pod says in vain, with the reason: what was warned of, and what something else overrules. */
export function ignoredIn(decision: Decision, pod: PodFacts): Ignored[] {
  if (decision.action === 'skip') return decision.warnings.map(warned);
  const sources = decision.settings.map(({ source }) => source).join('\n');
  const told = decision.warnings.join('\n');
  const silent = Object.entries(OVERRULED).filter(
    ([key]) => Object.hasOwn(pod.annotations, key) && !sources.includes(key) && !told.includes(key),
  );
  return [
    ...decision.warnings.map(warned),
    ...silent.map(([key, why]) => ({ what: `annotation ${key}`, why })),
  ];
}

/** `annotation <key>: host bits …`, `ignored unknown annotation "<key>": nearest …`; else the whole is the reason. */
function warned(text: string): Ignored {
  const named = /^(?:ignored unknown )?((?:annotation|label|env|argument) [^:]+): (.*)$/s.exec(
    text,
  );
  const [, what = 'a warning', why = text] = named ?? [];
  return { what, why };
}
