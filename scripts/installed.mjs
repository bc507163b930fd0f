// Exits with 0 if node_modules holds what package-lock.json says. It runs on whatever Node.js the
// machine has, before the locked one is there; npm itself takes ten times as long to answer.
import { existsSync, readFileSync } from 'node:fs';

process.exitCode = isInstalled() ? 0 : 1;

function isInstalled() {
  if (!existsSync('node_modules/.bin/node') || !existsSync('node_modules/.package-lock.json')) {
    return false;
  }
  const wanted = packages('package-lock.json');
  const found = packages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    // Optional ones are for other platforms; the root is not listed among the installed.
    path === '' || found[path] === undefined
      ? optional || path === ''
      : found[path].version === version,
  );
}

function packages(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}
