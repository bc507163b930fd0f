import { type Finding, type FindingKind, type PodState } from '../census/finding.ts';

/**
 * Whether programming the rules (or another sandbox) helps.
 *
 * Not where rules should not be there: who runs a pod may have changed a label since it was started, and to take its
 * redirection away then would be the leak that all this is against.
 */
const CURABLE: Readonly<Record<FindingKind, boolean>> = {
  'un-redirected': true,
  'partly-redirected': true,
  drifted: true,
  doubled: true,
  'foreign-in-front': true,
  'ipv6-leak': true,
  'redirected-unexpectedly': false,
  'proxy-uid-app': false,
  unknown: false,
};

/** What is wrong and can be put right. */
export function curable({ expected, findings }: PodState): readonly Finding[] {
  return expected.action === 'redirect' ? findings.filter(({ kind }) => CURABLE[kind]) : [];
}

/** What is wrong with a pod whose traffic should be redirected, and can be told only. */
export function incurable({ expected, findings }: PodState): readonly Finding[] {
  if (expected.action === 'skip') return [];
  return findings.filter(({ kind }) => kind === 'proxy-uid-app');
}

/** `its rules …; …` */
export function sentenceOf(findings: readonly Finding[]): string {
  return findings.map(({ sentence }) => sentence).join('; ');
}
