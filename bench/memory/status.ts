/** What the kernel says of a process's memory, in MB. */
export interface Memory {
  readonly rssMb: number;
  /** Of it, what no other process can share. */
  readonly ownMb: number;
  /** The most that it ever was. */
  readonly peakMb: number;
}

/** Reads `/proc/<pid>/status`. @throws {RangeError} for one without memory, of a process that has ended */
export function parseMemory(status: string): Memory {
  const field = (name: string): number => {
    const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    if (kilobytes === undefined) throw new RangeError(`cannot find ${name}: the process has ended`);
    return Number(kilobytes) / 1024;
  };
  return { rssMb: field('VmRSS'), ownMb: field('RssAnon'), peakMb: field('VmHWM') };
}
