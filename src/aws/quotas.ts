import {
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import type { Connection } from './connection.ts';
import { allPages } from './paging.ts';

export function quotas(connection: Connection) {
  const send = connection.open('servicequotas', 'Service Quotas', (config) => new ServiceQuotasClient(config));
  return {
    /** What is granted to this account; quotas that were never touched may be missing here (F-653). */
    applied: (ServiceCode: string) =>
      allPages((NextToken) =>
        send(new ListServiceQuotasCommand({ ServiceCode, MaxResults: 100, NextToken })).then((page) => ({
          items: page.Quotas,
          next: page.NextToken,
        })),
      ),
    defaults: (ServiceCode: string) =>
      allPages((NextToken) =>
        send(new ListAWSDefaultServiceQuotasCommand({ ServiceCode, MaxResults: 100, NextToken })).then((page) => ({
          items: page.Quotas,
          next: page.NextToken,
        })),
      ),
  };
}

export type Quotas = ReturnType<typeof quotas>;
