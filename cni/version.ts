declare const SLUICE_VERSION: string | undefined;

/** Ours; the build puts it in. */
export const VERSION = typeof SLUICE_VERSION === 'string' ? SLUICE_VERSION : '0.0.0-source';
