import { CniError, ErrorCode } from './error.ts';
import { isAbsent, isJsonObject, type JsonObject, quote, spellKeys } from './json.ts';
import { type CniVersion, resultFormat } from './version.ts';

/**
 * A result in another version's format, by way of the newest one. Unknown keys stay; what the other version has no
 * place for goes, as in libcni.
 *
 * @throws {CniError} `incompatibleVersion` where no address would be left, `invalidConfig` when it is no result
 * @see https://github.com/containernetworking/cni/blob/v1.3.0/pkg/types/100/types.go
 */
export function convertResult(result: JsonObject, from: CniVersion, to: CniVersion): JsonObject {
  const keys = ['cniVersion', 'interfaces', 'ips', 'routes', 'dns', 'ip4', 'ip6'];
  const body = downgrade(upgrade(spellKeys(result, keys), from), to);
  return { ...body, cniVersion: to };
}

function upgrade(result: JsonObject, from: CniVersion): JsonObject {
  switch (resultFormat(from)) {
    case 'ip4-ip6':
      return fromIp4Ip6(result);
    case 'versioned-ips':
      return {
        ...result,
        ips: nonEmpty(list(result, 'ips').map((ip) => without(ip, ['version']))),
      };
    case 'ips':
      return result;
  }
}

function downgrade(result: JsonObject, to: CniVersion): JsonObject {
  const dns = result.dns ?? {};
  switch (resultFormat(to)) {
    case 'ip4-ip6':
      return { ...toIp4Ip6(result), dns };
    case 'versioned-ips':
      return { ...toVersionedIps(result), dns };
    case 'ips':
      return isEmpty(dns) ? without(result, ['dns']) : result;
  }
}

function fromIp4Ip6(result: JsonObject): JsonObject {
  const configs = ['ip4', 'ip6'].flatMap((key) => {
    const config = result[key];
    if (isAbsent(config)) return [];
    return [spellKeys(object(config, key), ['ip', 'gateway', 'routes'])];
  });
  const ips = configs.map((config) => ({ address: text(config.ip), gateway: config.gateway }));
  const routes = configs.flatMap((config) => list(config, 'routes'));
  return { ...without(result, ['ip4', 'ip6']), ips: nonEmpty(ips), routes: nonEmpty(routes) };
}

/** The old formats have room for one address of each family, and only a family with an address has routes. */
function toIp4Ip6(result: JsonObject): JsonObject {
  const ips = list(result, 'ips');
  const routes = list(result, 'routes').map(({ dst, gw }) => ({ dst, gw }));
  const config = (family: '4' | '6'): JsonObject | undefined => {
    const ip = ips.find(({ address }) => familyOf(address) === family);
    if (ip === undefined) return undefined;
    const own = routes.filter(({ dst }) => familyOf(dst) === family);
    return { ip: ip.address, gateway: ip.gateway, routes: nonEmpty(own) };
  };
  const [ip4, ip6] = [config('4'), config('6')];
  if (ip4 === undefined && ip6 === undefined) {
    const message = 'cannot convert prevResult to ip4 and ip6: it has no IP address';
    throw new CniError(ErrorCode.incompatibleVersion, message);
  }
  return { ...without(result, ['interfaces', 'ips', 'routes']), ip4, ip6 };
}

function toVersionedIps(result: JsonObject): JsonObject {
  const newer = ['mtu', 'socketPath', 'pciID'];
  const interfaces = list(result, 'interfaces').map((item) =>
    without(spellKeys(item, newer), newer),
  );
  const ips = list(result, 'ips').map((ip) => ({ ...ip, version: familyOf(ip.address) }));
  return { ...result, interfaces: nonEmpty(interfaces), ips: nonEmpty(ips) };
}

function familyOf(address: unknown): '4' | '6' {
  return text(address).includes(':') ? '6' : '4';
}

function text(address: unknown): string {
  if (typeof address === 'string') return address;
  throw notResult('an address', address, 'a string');
}

/** The objects of a list, their keys in the specification's spelling; an absent list is an empty one. */
function list(parent: JsonObject, key: string): readonly JsonObject[] {
  const value = parent[key];
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) throw notResult(key, value, 'a list');
  const keys = ['version', 'interface', 'address', 'gateway', 'dst', 'gw'];
  return value.map((item: unknown) => spellKeys(object(item, key), keys));
}

function object(value: unknown, key: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw notResult(key, value, 'an object');
}

function notResult(key: string, value: unknown, wanted: string): CniError {
  const message = `cannot convert prevResult: ${key} is ${quote(value)}, wanted ${wanted}`;
  return new CniError(ErrorCode.invalidConfig, message);
}

/** Undefined, which `JSON.stringify` leaves out, for an empty list. */
function nonEmpty<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length > 0 ? items : undefined;
}

function without(source: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(source).filter(([key]) => !keys.includes(key)));
}

/** As libcni counts: `{}`, but also `{"nameservers": [], "domain": ""}`. */
function isEmpty(dns: unknown): boolean {
  const empty = ['[]', '""', 'null'];
  return (
    isJsonObject(dns) && Object.values(dns).every((value) => empty.includes(JSON.stringify(value)))
  );
}
