import { isIP } from 'node:net';

/** Which values a variable takes. */
export interface Values {
  readonly wanted: string;
  readonly accepts: (value: string) => boolean;
}

export const PATH: Values = {
  wanted: 'an absolute path',
  accepts: (value) => value.startsWith('/') && !value.includes('\0'),
};

/** @see https://github.com/kubernetes/kubernetes/blob/v1.34.0/staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go */
export const NODE: Values = {
  wanted: 'the name of a node',
  accepts: (value) => /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value),
};

export const NAME: Values = { wanted: 'a name of Kubernetes', accepts: NODE.accepts };

/** `kube-system,monitoring` */
export const NAMES: Values = {
  wanted: 'names of Kubernetes, separated by commas',
  accepts: (value) => value.split(',').every(NAME.accepts),
};

export const PORT: Values = {
  wanted: 'a port from 1 to 65535',
  accepts: (value) => /^[0-9]{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535,
};

export const SECONDS: Values = {
  wanted: 'a whole number of seconds from 1 to 86400',
  accepts: (value) => /^[0-9]{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 86_400,
};

export const HOST: Values = {
  wanted: 'a host name or an address',
  accepts: (value) => isIP(value) !== 0 || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/i.test(value),
};

/** `127.0.0.1:15097`, `[::]:15097`; port 0 is any that is free. */
export const ADDRESS: Values = {
  wanted: '<address>:<port>',
  accepts: (value) => {
    const { host, port } = parseAddress(value);
    return isIP(host) !== 0 && (port === 0 || PORT.accepts(String(port)));
  },
};

export function oneOf(words: readonly string[]): Values {
  return {
    wanted: `one of ${words.map((word) => `"${word}"`).join(', ')}`,
    accepts: (value) => words.includes(value),
  };
}

/** The port is NaN where there is none. */
export function parseAddress(value: string): { readonly host: string; readonly port: number } {
  const [, bracketed, bare, port] = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,5})$/.exec(value) ?? [];
  return { host: bracketed ?? bare ?? '', port: Number(port) };
}
