import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { CniError, ErrorCode } from '../spec/error.ts';

export type Backend = 'iptables-nft' | 'iptables-legacy';

/** Where the programs are that an ADD may start; each an absolute path, none from `PATH`. */
export interface Tools {
  readonly directories: readonly string[];
  readonly nsenter: string;
  readonly ip: string;
  readonly backend: Backend;
}

/** Distributions keep iptables in one of these; the order is part of the contract. */
const HOST_DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/**
 * Finds the programs by looking, without starting any or touching a netns.
 *
 * @param wanted `auto` takes iptables-nft if it is there, else iptables-legacy
 * @throws {CniError} `noBackend`, naming what is missing and where it was looked for
 */
export function findTools(wanted: 'auto' | Backend, directories = HOST_DIRECTORIES): Tools {
  const backends: readonly Backend[] =
    wanted === 'auto' ? ['iptables-nft', 'iptables-legacy'] : [wanted];
  const backend = backends.find((candidate) => hasRestore(candidate, directories));
  if (!backend) {
    throw missing(backends.map((name) => restoreName(name, 'iptables')).join(' or '), directories);
  }
  return {
    directories,
    backend,
    nsenter: need('nsenter', directories),
    ip: need('ip', directories),
  };
}

/** `iptables-nft` and `restore` make `iptables-nft-restore`, for IPv6 `ip6tables-nft-restore`. */
export function programOf(backend: Backend, family: 'ipv4' | 'ipv6', verb: string): string {
  const variant = backend === 'iptables-nft' ? 'nft' : 'legacy';
  return `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-${verb}`;
}

export function find(name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** @throws {CniError} `noBackend` */
export function need(name: string, directories: readonly string[]): string {
  const path = find(name, directories);
  if (path === undefined) throw missing(name, directories);
  return path;
}

function hasRestore(backend: Backend, directories: readonly string[]): boolean {
  return find(restoreName(backend, 'iptables'), directories) !== undefined;
}

function restoreName(backend: Backend, command: string): string {
  return `${command}-${backend === 'iptables-nft' ? 'nft' : 'legacy'}-restore`;
}

function missing(what: string, directories: readonly string[]): CniError {
  return new CniError(
    ErrorCode.noBackend,
    `cannot find ${what} in ${directories.join(', ')}: install iptables, iproute2 and util-linux there, or set "toolsDir"`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
