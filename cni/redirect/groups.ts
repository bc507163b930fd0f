import { EXCLUDED_GROUPS, INCLUDED_GROUPS } from './formats.ts';
import { type OwnerGroups, type OwnerId, ownerGroups } from './owners.ts';
import { type Container } from './pod.ts';
import { variable } from './said.ts';
import { read, type Reading, together } from './settings.ts';

interface Said {
  readonly include: 'all' | readonly OwnerId[];
  readonly exclude: readonly OwnerId[];
}

/** Whose traffic is redirected, from two variables of the proxy that count only together. */
export async function readOwnerGroups(proxy: Container): Promise<Reading<OwnerGroups>> {
  const included = variable(proxy, 'ISTIO_OUTBOUND_OWNER_GROUPS');
  const excluded = variable(proxy, 'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE');
  const said = together<Said>({
    include: await read('includeOwnerGroups', included, INCLUDED_GROUPS),
    exclude: await read('excludeOwnerGroups', excluded, EXCLUDED_GROUPS),
  });
  const { include, exclude } = said.value;
  const value = ownerGroups(include, exclude);
  if (value.redirect !== 'only') return { ...said, value };
  const source = included?.source ?? 'default';
  const warning = 'excluded owner groups count for nothing: the list of included ones wins';
  return {
    ...said,
    value,
    settings: said.settings.map((setting) =>
      setting.name === 'excludeOwnerGroups' ? { ...setting, value: '', source } : setting,
    ),
    warnings: [
      ...(include.length === 0 ? [`${source}: no group's outbound traffic is redirected`] : []),
      ...(exclude.length === 0 ? [] : [warning]),
    ],
  };
}
