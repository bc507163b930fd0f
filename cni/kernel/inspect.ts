import { type Family } from '../redirect/cidrs.ts';
import { type SavedTables } from '../rules/saved.ts';
import { type Kernel } from './kernel.ts';
import { readTables } from './read.ts';
import { readRoutes, type Routes } from './routes.ts';

/** What a netns holds now, in one family. */
export interface FamilyState {
  readonly tables: SavedTables;
  readonly routes: Routes;
}
export type Inspection = Readonly<Record<Family, FamilyState>>;

/** Reads both families' tables and routes; changes nothing. @throws {ExecError} */
export async function inspect(kernel: Kernel): Promise<Inspection> {
  const [ipv4, ipv6] = await Promise.all([
    inspectFamily(kernel, 'ipv4'),
    inspectFamily(kernel, 'ipv6'),
  ]);
  return { ipv4, ipv6 };
}

async function inspectFamily(kernel: Kernel, family: Family): Promise<FamilyState> {
  const [tables, routes] = await Promise.all([
    readTables(kernel, family),
    readRoutes(kernel, { family, tproxyRoute: true }),
  ]);
  return { tables, routes };
}
