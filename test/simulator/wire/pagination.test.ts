import { paginateListWorkgroups, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { expect, test } from 'vitest';
import { ApiError, paginate, type Service } from '../../../src/simulator/service.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { startWire } from './wire-fixture.ts';

const names = ['w-1', 'w-2', 'w-3', 'w-4', 'w-5'];
const refuse = () => new ApiError('ValidationException', 'The token is invalid.');

function listing(): { service: Service; asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const listWorkgroups = (input: { nextToken?: string; maxResults?: number }) => {
    asked.push(input.nextToken);
    const page = paginate(names, input.nextToken, input.maxResults ?? 2, refuse);
    return { workgroups: page.items.map((workgroupName) => ({ workgroupName })), nextToken: page.nextToken };
  };
  return { asked, service: { name: 'redshift-serverless', operations: { ListWorkgroups: listWorkgroups } } };
}

test("the SDK's paginator sees everything once, page by page", async () => {
  const { service, asked } = listing();
  const { url } = await startWire([service]);
  const seen: (string | undefined)[] = [];
  const client = new RedshiftServerlessClient(clientConfigOf(url));
  for await (const page of paginateListWorkgroups({ client }, {})) {
    seen.push(...(page.workgroups ?? []).map(({ workgroupName }) => workgroupName));
  }
  expect(seen).toEqual(names);
  expect(asked).toHaveLength(3);
});

test('the last page has no token, and a token that nobody gave out is refused', async () => {
  expect(paginate(names, undefined, 5, refuse).nextToken).toBeUndefined();
  const { nextToken } = paginate(names, undefined, 3, refuse);
  expect(paginate(names, nextToken, 3, refuse)).toEqual({ items: ['w-4', 'w-5'], nextToken: undefined });
  expect(() => paginate(names, 'nonsense', 3, refuse)).toThrow('The token is invalid.');
});
