import { readFile } from 'node:fs/promises';
import { type Plane } from './plane.ts';

/** One line of the audit log. @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go */
export interface Audited {
  readonly verb: string;
  /** The plugin would be another than the agent. */
  readonly userAgent: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource: string; readonly name?: string };
  readonly requestReceivedTimestamp: string;
}

/** What came to the API server since then under the one name that anything of ours has, about pods. */
export async function ourRequests({ auditFile }: Plane, from: string): Promise<Audited[]> {
  const lines = (await readFile(auditFile, 'utf8')).trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as Audited)
    .filter(({ user }) => user.username === 'system:serviceaccount:sluice-system:sluice-agent')
    .filter(({ requestReceivedTimestamp: at }) => at >= from)
    .filter(({ objectRef }) => objectRef?.resource === 'pods');
}
