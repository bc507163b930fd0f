import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InstallConfig, OWN_LIST } from '../../install/config.ts';

/** A node's directories on a real disk, gone after the tests of this `describe`. */
export interface Ground {
  readonly config: () => InstallConfig;
  /** Writes a file below the CNI configuration directory, as its owner would. */
  readonly write: (name: string, text: string, mode?: number) => void;
  readonly read: (name: string) => string;
  /** Everything on the node: each file's mode and text. */
  readonly all: () => Readonly<Record<string, string>>;
}

/** A fresh one for each test. Whoever works on it is to be stopped in an `afterEach` that comes before this call. */
export function ground(changes: Partial<InstallConfig> = {}): Ground {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-install-'));
    for (const each of ['net.d', 'bin', 'run']) mkdirSync(join(directory, each));
    writeFileSync(join(directory, 'source'), 'version 2');
    chmodSync(join(directory, 'source'), 0o755);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const config = (): InstallConfig => ({ ...configIn(directory), ...changes });
  return {
    config,
    write(name, text, mode = 0o644) {
      writeFileSync(join(directory, 'net.d', name), text);
      chmodSync(join(directory, 'net.d', name), mode);
    },
    read: (name) => readFileSync(join(directory, 'net.d', name), 'utf8'),
    all: () => allIn(directory),
  };
}

export function configIn(directory: string): InstallConfig {
  return {
    netDir: join(directory, 'net.d'),
    binDir: join(directory, 'bin'),
    stateDir: join(directory, 'state'),
    agentSocket: join(directory, 'run', 'agent.sock'),
    source: join(directory, 'source'),
    mode: 'chained',
    ownList: OWN_LIST,
    keys: {},
    credential: undefined,
  };
}

/** What is in a directory and below, by path: `644 text`, or `/` for a directory. */
export function allIn(directory: string): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const found = entries.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    const mode = (statSync(path).mode & 0o777).toString(8);
    const content = entry.isDirectory() ? '/' : `${mode} ${readFileSync(path, 'utf8')}`;
    return [path.slice(directory.length + 1), content];
  });
  return Object.fromEntries(found.sort());
}
