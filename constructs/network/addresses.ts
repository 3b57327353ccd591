import ipaddr from 'ipaddr.js';

/*
 * Addresses, networks and ranges of addresses, of both IP families, as numbers that can be compared.
 */

export type Family = 'IPv4' | 'IPv6';

/** Addresses from the first to the last, both included. */
export interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

const BITS = { IPv4: 32, IPv6: 128 } as const;

/** Bits of an address of the family. */
export function bitsOf(family: Family): number {
  return BITS[family];
}

/** Family of an address or a network. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 'IPv6' : 'IPv4';
}

/** URL of a server at a name or an address, over TLS. */
export function httpsAt(host: string, port: number | string): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** An address, a network in CIDR notation or a range `first-last` as the addresses that it stands for. */
export function parseRange(text: string): Range {
  const [start = '', end = start] = text.split('-');
  const [address = '', prefix] = start.split('/');
  const family = familyOf(address);
  const first = toNumber(address);
  if (prefix === undefined) return { family, first, last: toNumber(end) };
  const size = 1n << BigInt(BITS[family] - Number(prefix));
  return { family, first, last: first + size - 1n };
}

/** The networks or addresses of a list that commas part: `10.42.0.0/16,2001:db8:42::/56`. */
export function listed(text: string): string[] {
  return text.split(',');
}

/** Whether two ranges share an address. */
export function overlap(one: Range, other: Range): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

/** Whether the network or range `range` holds the address. */
export function contains(range: string, address: string): boolean {
  return overlap(parseRange(range), parseRange(address));
}

/** Prefix length of a network in CIDR notation. */
export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/**
 * The one spelling of an address that all its others come to, RFC 5952 for IPv6. `undefined` for what is no address,
 * and for one with a zone, which means something on one machine only.
 */
export function canonicalAddress(text: string): string | undefined {
  // ipaddr.js alone takes octal, hexadecimal and shortened IPv4, too.
  if (/^\d+(\.\d+){3}$/.test(text)) return ipaddr.IPv4.isValidFourPartDecimal(text) ? text : undefined;
  if (text.includes('%') || !text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toString();
}

/** The address as IPv4, where it is one in the spelling of IPv6: `::ffff:192.0.2.1`. */
export function mappedIPv4(text: string): string | undefined {
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : undefined;
}

/** Whether a name or an address means each machine itself. */
export function isItself(host: string): boolean {
  if (/^((.+\.)?localhost(\.localdomain)?|ip6-(localhost|loopback))$/.test(host)) return true;
  return canonicalAddress(host) !== undefined && ipaddr.parse(host).range() === 'loopback';
}

/** Whether it is an address that means something on one network segment alone. */
export function isLinkLocal(host: string): boolean {
  return canonicalAddress(host) !== undefined && ipaddr.parse(host).range() === 'linkLocal';
}

/** Whether the address means the same machine wherever it is used: no private, shared or local one. */
export function isGlobal(address: string): boolean {
  return !['private', 'uniqueLocal', 'carrierGradeNat', 'linkLocal', 'loopback'].includes(
    ipaddr.parse(address).range(),
  );
}

function toNumber(address: string): bigint {
  return ipaddr
    .parse(address)
    .toByteArray()
    .reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
