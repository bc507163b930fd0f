import { readFileSync } from 'node:fs';

/** A package as package-lock.json pins it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** As in `sha512-…`. */
  readonly integrity: string;
}

/** @throws {RangeError} unless package-lock.json pins the package with its integrity */
export function lockedPackage(name: string, lockfile: string): LockedPackage {
  const lock = JSON.parse(readFileSync(lockfile, 'utf8')) as Lockfile;
  const { version, integrity } = lock.packages?.[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new RangeError(`cannot find package "${name}" in package-lock.json: expected it locked`);
  }
  return { name, version, integrity };
}

interface Lockfile {
  readonly packages?: Readonly<Record<string, Partial<LockedPackage>>>;
}
