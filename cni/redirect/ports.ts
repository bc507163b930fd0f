declare const port: unique symbol;
/** A TCP or UDP port from 1 to 65535, made only by `parsePort`. */
export type Port = number & { readonly [port]: true };

/** From `first` to `last`, both included; a single port is a range of one. */
export interface PortRange {
  readonly first: Port;
  readonly last: Port;
}
