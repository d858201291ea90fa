/** Pages of lists. */
import { type Call, paginate } from '../../service.ts';
import { invalid } from './login.ts';

export const badToken = () => invalid('The pagination token is not valid.');

/** One page of a list. No or zero `MaxResults` leaves its size to the service. */
export function pageOf<T>(
  call: Call,
  items: readonly T[],
  { MaxResults, NextToken }: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): { readonly items: T[]; readonly next: { readonly NextToken?: string } } {
  const page = paginate(items, NextToken, MaxResults || call.world.settings.pageSize, badToken);
  return { items: page.items, next: page.nextToken === undefined ? {} : { NextToken: page.nextToken } };
}
