/** The prefix lists that AWS manages: the addresses of S3 and DynamoDB in the region. */
import type { Place } from '../../world.ts';

export interface PrefixListInfo {
  readonly prefixListId: string;
  readonly name: string;
  readonly cidrs: readonly string[];
}

/** Documentation and carrier ranges stand in for S3's real ones; their number is what counts (F-233). */
const blocks = {
  s3: ['16.15.176.0/20', '18.34.0.0/19', '18.34.232.0/21', '52.216.0.0/15', '54.231.0.0/16', '3.5.0.0/19'],
  dynamodb: ['3.218.180.0/22', '52.94.0.0/22', '52.119.224.0/20'],
} as const;

/** The lists of a region. Their ids differ by region and never change. */
export function prefixListsOf(region: string): readonly PrefixListInfo[] {
  return Object.entries(blocks).map(([service, cidrs], index) => ({
    prefixListId: `pl-${listHash(`${region}/${service}`)}`,
    name: `com.amazonaws.${region}.${service}`,
    cidrs: index === 0 ? cidrs : [...cidrs],
  }));
}

export const prefixListById = (place: Place, id: string): PrefixListInfo | undefined =>
  prefixListsOf(place.region).find((list) => list.prefixListId === id);

function listHash(text: string): string {
  let hash = 5381;
  for (const char of text) hash = (Math.imul(hash, 33) ^ char.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
