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
  return Object.entries(wanted).every(([path, entry]) =>
    // The root is not listed among the installed, and optional ones may be for other platforms.
    found[path] === undefined
      ? path === '' || (entry.optional && !isForUs(entry))
      : found[path].version === entry.version,
  );
}

function isForUs({ os, cpu, libc }) {
  return os?.includes(process.platform) && cpu?.includes(process.arch) && libc === undefined;
}

function packages(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}
