import { CniError, ErrorCode } from './spec/error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the file system is full',
  EDQUOT: 'the quota of the file system is used up',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a part of the path is not a directory',
  EISDIR: 'a directory is in the way',
  EACCES: 'access is refused',
  EPERM: 'access is refused',
};

/** Says in one sentence what could not be done to a file, and why. */
export function fileError(message: string, cause: unknown): CniError {
  const reason = REASONS[codeOf(cause) ?? ''];
  return new CniError(ErrorCode.io, reason ? `${message}: ${reason}` : message, { cause });
}

/** `ENOENT` and the like; undefined if the error has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
