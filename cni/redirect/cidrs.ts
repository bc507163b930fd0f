export type Family = 'ipv4' | 'ipv6';

declare const cidr: unique symbol;
/** A range of addresses in canonical form, e.g. `10.0.0.0/8` or `2001:db8::/32`, made only by `parseCidr`. */
export interface Cidr {
  readonly family: Family;
  readonly text: string;
  readonly [cidr]: true;
}
