/** IPv4 blocks as numbers, and how many addresses of a subnet an environment takes. Pure. */

export interface Cidr {
  /** The first address, as an unsigned 32-bit number. */
  readonly first: number;
  /** 0 to 32. */
  readonly prefix: number;
}

/** Reads `10.0.2.0/23`; undefined where it is not an IPv4 block. Host bits are kept: see `hasHostBits`. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  const prefix = parts[4] ?? 33;
  const canonical = match.slice(1).every((part) => part === '0' || !part.startsWith('0'));
  if (!canonical || prefix > 32 || parts.slice(0, 4).some((part) => part > 255)) return undefined;
  return { first: parts.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0), prefix };
}

export function formatCidr({ first, prefix }: Cidr): string {
  const parts = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
  return `${parts.join('.')}/${prefix}`;
}

/** How many addresses the block has. */
export const cidrSize = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

/** The block that an address with host bits lies in: `10.0.1.5/23` is in `10.0.0.0/23`. */
export const networkOf = (cidr: Cidr): Cidr => ({ ...cidr, first: cidr.first - (cidr.first % cidrSize(cidr)) });

export const hasHostBits = (cidr: Cidr): boolean => networkOf(cidr).first !== cidr.first;

export function contains(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && networkOf({ ...inner, prefix: outer.prefix }).first === networkOf(outer).first;
}

/** Two blocks either lie one in the other or have nothing in common. */
export const overlaps = (one: Cidr, other: Cidr): boolean => contains(one, other) || contains(other, one);

/**
 * The subnets of a VPC where the configuration names none: its first blocks, /23 as a rule, smaller where the VPC is
 * small, so that four would fit.
 */
export function defaultSubnets(vpc: Cidr, count: number): readonly Cidr[] {
  const prefix = Math.max(23, vpc.prefix + 2);
  return Array.from({ length: count }, (_, index) => ({ first: vpc.first + index * 2 ** (32 - prefix), prefix }));
}

/** AWS keeps five addresses of every subnet for itself (F-810). */
export const usableAddresses = (subnet: Cidr): number => cidrSize(subnet) - 5;

/** Free addresses that a workgroup needs in each of its subnets to be created with enhanced VPC routing (F-811). */
const routedAddresses: readonly (readonly [rpus: number, addresses: number])[] = [
  [8, 9],
  [32, 13],
  [64, 21],
  [128, 37],
  [256, 69],
  [512, 133],
  [1024, 261],
];

/** Addresses that one workgroup needs in each of its subnets (F-811, F-812). */
export function workgroupAddresses(baseCapacity: number, enhancedVpcRouting: boolean): number {
  if (!enhancedVpcRouting) return 3;
  return routedAddresses.find(([rpus]) => baseCapacity <= rpus)?.[1] ?? 261;
}

/** Free addresses that a load balancer must find in each of its subnets (F-813). */
export const loadBalancerAddresses = 8;

export interface AddressDemand {
  readonly workgroups: number;
  readonly endpoints: number;
  readonly loadBalancer: number;
  readonly total: number;
}

/**
 * Addresses that an environment needs in each subnet: its workgroups, one for the endpoint of each consumer (any of
 * the subnets may get it), and the load balancer.
 */
export function addressDemand(
  baseCapacities: readonly number[],
  endpoints: number,
  enhancedVpcRouting: boolean,
): AddressDemand {
  const workgroups = baseCapacities.reduce((sum, base) => sum + workgroupAddresses(base, enhancedVpcRouting), 0);
  return {
    workgroups,
    endpoints,
    loadBalancer: loadBalancerAddresses,
    total: workgroups + endpoints + loadBalancerAddresses,
  };
}

/** The longest prefix (smallest subnet, /16 to /28) with so many usable addresses; undefined: none is large enough. */
export function smallestPrefix(addresses: number): number | undefined {
  for (let prefix = 28; prefix >= 16; prefix--) if (usableAddresses({ first: 0, prefix }) >= addresses) return prefix;
  return undefined;
}
