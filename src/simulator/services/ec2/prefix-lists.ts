/** The prefix lists that AWS manages: the addresses of S3 and DynamoDB in the region. */
import type {
  DescribeManagedPrefixListsRequest,
  DescribeManagedPrefixListsResult,
  DescribePrefixListsRequest,
  DescribePrefixListsResult,
  GetManagedPrefixListEntriesRequest,
  GetManagedPrefixListEntriesResult,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { cutPage, type FilterTable, type ListRequest, listPage } from './requests.ts';

export interface PrefixListInfo {
  readonly prefixListId: string;
  readonly name: string;
  readonly cidrs: readonly string[];
  /** F-233: as how many rules a reference to the list counts in a security group. */
  readonly weight: number;
  readonly tags?: Record<string, string>;
}

/** A few of the services' published blocks; which ones matters little, as nothing answers there. */
const blocks: Readonly<Record<string, readonly string[]>> = {
  s3: ['16.15.176.0/20', '18.34.0.0/19', '18.34.232.0/21', '52.216.0.0/15', '54.231.0.0/16', '3.5.0.0/19'],
  dynamodb: ['3.218.180.0/22', '52.94.0.0/22', '52.119.224.0/20'],
};

/** The lists of a region. Their ids differ by region and never change. */
export function prefixListsOf(region: string): readonly PrefixListInfo[] {
  return Object.entries(blocks).map(([service, cidrs]) => ({
    prefixListId: `pl-${listHash(`${region}/${service}`)}`,
    name: `com.amazonaws.${region}.${service}`,
    cidrs,
    weight: 1,
  }));
}

export const prefixListById = (place: Place, id: string): PrefixListInfo | undefined =>
  prefixListsOf(place.region).find((list) => list.prefixListId === id);

/** Errors: `InvalidPrefixListID.NotFound`. */
export function requirePrefixList(place: Place, id: string): PrefixListInfo {
  const list = prefixListById(place, id);
  if (list) return list;
  throw new ApiError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
}

function listHash(text: string): string {
  let hash = 5381;
  for (const char of text) hash = (Math.imul(hash, 33) ^ char.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

const filters: FilterTable<PrefixListInfo> = {
  'prefix-list-id': (list) => list.prefixListId,
  'prefix-list-name': (list) => list.name,
};

function select(place: Place, request: ListRequest & { PrefixListIds?: string[] | undefined }, table = filters) {
  const { PrefixListIds: ids } = request;
  const lists = ids?.length ? ids.map((id) => requirePrefixList(place, id)) : prefixListsOf(place.region);
  return listPage(request, lists, table);
}

function describePrefixLists(input: Checked<DescribePrefixListsRequest>, call: Call): DescribePrefixListsResult {
  const page = select(call, input);
  return {
    PrefixLists: page.items.map((list) => ({
      PrefixListId: list.prefixListId,
      PrefixListName: list.name,
      Cidrs: [...list.cidrs],
    })),
    NextToken: page.nextToken,
  };
}

function describeManagedPrefixLists(
  input: Checked<DescribeManagedPrefixListsRequest>,
  call: Call,
): DescribeManagedPrefixListsResult {
  const page = select(call, input, { ...filters, 'owner-id': () => 'AWS' });
  return {
    PrefixLists: page.items.map((list) => ({
      PrefixListId: list.prefixListId,
      PrefixListName: list.name,
      PrefixListArn: `arn:aws:ec2:${call.region}:aws:prefix-list/${list.prefixListId}`,
      AddressFamily: 'IPv4',
      State: 'create-complete',
      OwnerId: 'AWS',
      Tags: [],
    })),
    NextToken: page.nextToken,
  };
}

function getManagedPrefixListEntries(
  input: Checked<GetManagedPrefixListEntriesRequest>,
  call: Call,
): GetManagedPrefixListEntriesResult {
  const list = requirePrefixList(call, input.PrefixListId);
  const page = cutPage(input, list.cidrs);
  return { Entries: page.items.map((Cidr) => ({ Cidr })), NextToken: page.nextToken };
}

export const prefixListOperations = {
  DescribePrefixLists: describePrefixLists,
  DescribeManagedPrefixLists: describeManagedPrefixLists,
  GetManagedPrefixListEntries: getManagedPrefixListEntries,
};
