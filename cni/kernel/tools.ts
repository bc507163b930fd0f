import { statSync } from 'node:fs';
import { join } from 'node:path';

import { CniError, ErrorCode } from '../spec/error.ts';
import { type Place, placeOf } from './place.ts';

export type Backend = 'iptables-nft' | 'iptables-legacy';

/** The words with which a program is started, each file by its absolute path: none is looked for in `PATH`. */
export type Program = readonly string[];

/** Where the programs are that an ADD may start, and those that each ADD starts. */
export interface Tools {
  readonly place: Place;
  readonly nsenter: Program;
  readonly ip: Program;
  readonly backend: Backend;
}

/**
 * Finds the programs by looking, without starting any or touching a netns.
 *
 * @param wanted `auto` takes iptables-nft if it is there, else iptables-legacy
 * @param toolsDir undefined: where distributions keep their programs
 * @throws {CniError} `noBackend`, naming what is missing and where it was looked for
 */
export function findTools(wanted: 'auto' | Backend, toolsDir?: string): Tools {
  const place = placeOf(toolsDir);
  const backends: readonly Backend[] =
    wanted === 'auto' ? ['iptables-nft', 'iptables-legacy'] : [wanted];
  const restores = (backend: Backend): string => programOf(backend, 'ipv4', 'restore');
  const backend = backends.find((candidate) => findProgram(restores(candidate), place));
  if (!backend) throw missing(backends.map(restores).join(' or '), place.directories);
  return {
    place,
    backend,
    nsenter: needProgram('nsenter', place),
    ip: needProgram('ip', place),
  };
}

/** `iptables-nft` and `restore` make `iptables-nft-restore`, for IPv6 `ip6tables-nft-restore`. */
export function programOf(backend: Backend, family: 'ipv4' | 'ipv6', verb: string): string {
  const variant = backend === 'iptables-nft' ? 'nft' : 'legacy';
  return `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}-${verb}`;
}

export function findProgram(name: string, { directories, loader }: Place): Program | undefined {
  const path = directories.map((directory) => join(directory, name)).find(isExecutable);
  return path === undefined ? undefined : [...loader, path];
}

/** @throws {CniError} `noBackend` */
export function needProgram(name: string, place: Place): Program {
  const program = findProgram(name, place);
  if (program === undefined) throw missing(name, place.directories);
  return program;
}

function missing(what: string, directories: readonly string[]): CniError {
  return new CniError(
    ErrorCode.noBackend,
    `cannot find ${what} in ${directories.join(', ')}: install iptables, iproute2 and util-linux there, or set "toolsDir"`,
  );
}

function isExecutable(path: string): boolean {
  // Not `accessSync`: most places have nothing, and an exception costs more than all that is looked at.
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & 0o111) !== 0;
}
