/** IPv4 arithmetic: addresses as unsigned 32-bit numbers. */

export interface Cidr {
  readonly first: number;
  readonly prefix: number;
}

/** The address as a number, or undefined when it is not a dotted quad. */
export function parseAddress(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** A block, its host bits cleared as EC2 does; undefined when malformed. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, length, ...rest] = text.split('/');
  const value = parseAddress(address ?? '');
  if (value === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length ?? '')) return undefined;
  const prefix = Number(length);
  if (prefix > 32) return undefined;
  return { first: value - (value % 2 ** (32 - prefix)), prefix };
}

export const formatCidr = (cidr: Cidr): string => `${formatAddress(cidr.first)}/${cidr.prefix}`;

export const cidrSize = (cidr: Cidr): number => 2 ** (32 - cidr.prefix);

const last = (cidr: Cidr) => cidr.first + cidrSize(cidr) - 1;

export const cidrContains = (outer: Cidr, inner: Cidr): boolean =>
  outer.first <= inner.first && last(inner) <= last(outer);

export const cidrsOverlap = (one: Cidr, other: Cidr): boolean => one.first <= last(other) && other.first <= last(one);

/** Whether a dotted quad lies in a block given as text; false when either is malformed. */
export function addressIn(address: string, block: string): boolean {
  const value = parseAddress(address);
  const cidr = parseCidr(block);
  return value !== undefined && cidr !== undefined && cidr.first <= value && value <= last(cidr);
}
