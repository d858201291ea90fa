/** Collects all pages of a list. */
import { ServiceError } from '../shared/errors.ts';

export interface PageOf<Item> {
  readonly items: readonly Item[] | undefined;
  readonly next: string | undefined;
}

/** Asks for page after page, the first with token undefined, until there is no next token. */
export async function allPages<Item>(page: (token: string | undefined) => Promise<PageOf<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let token: string | undefined;
  do {
    const { items: some, next } = await page(token);
    items.push(...(some ?? []));
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return items;
}

/** The answer, or undefined where the thing is absent; every other error is thrown. */
export async function orAbsent<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'absent') return undefined;
    throw error;
  }
}

/** For deletions: what is gone already is as good as deleted. */
export async function goneIsFine(deletion: Promise<unknown>): Promise<void> {
  await orAbsent(deletion);
}
