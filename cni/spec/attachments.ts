import { isAbsent, isJsonObject, type JsonObject, spellKeys } from './json.ts';

/** One container's interface in one network. */
export interface Attachment {
  readonly containerId: string;
  readonly ifName: string;
}

/**
 * The attachments that GC must leave alone, of the entry `"cni.dev/valid-attachments": [{"containerID": …, "ifname": …}]`.
 *
 * @returns undefined unless the whole list can be read: what is missing in it would be lost
 */
export function parseAttachments(entry: JsonObject): readonly Attachment[] | undefined {
  const current = entry['cni.dev/valid-attachments'];
  const list = isAbsent(current) ? entry['cni.dev/attachments'] : current;
  if (!Array.isArray(list)) return undefined;
  const attachments = list.map(parseAttachment).filter((item) => item !== undefined);
  return attachments.length === list.length ? attachments : undefined;
}

function parseAttachment(item: unknown): Attachment | undefined {
  if (!isJsonObject(item)) return undefined;
  const { containerID: containerId, ifname: ifName } = spellKeys(item, ['containerID', 'ifname']);
  if (typeof containerId !== 'string' || typeof ifName !== 'string') return undefined;
  return containerId === '' || ifName === '' ? undefined : { containerId, ifName };
}
