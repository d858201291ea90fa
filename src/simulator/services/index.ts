/** Every service of the simulated account, in one place. */
import type { RawService } from '../raw-service.ts';
import type { Service } from '../service.ts';
import { createDynamoDbService } from './dynamodb/index.ts';
import { service as ec2 } from './ec2/index.ts';
import { service as elasticloadbalancing } from './elasticloadbalancing/index.ts';
import { service as iam } from './iam/index.ts';
import { service as kms } from './kms/index.ts';
import { service as monitoring } from './monitoring/index.ts';
import { service as redshiftServerless } from './redshift-serverless/index.ts';
import { service as secretsmanager } from './secretsmanager/index.ts';
import { service as servicequotas } from './servicequotas/index.ts';
import { service as sts } from './sts/index.ts';
import { service as tagging } from './tagging/index.ts';

export interface Staffing {
  readonly services: readonly Service[];
  readonly rawServices: readonly RawService[];
}

/** Makes all services anew; what they hold is in the world and in the raw services. */
export function createServices(): Staffing {
  return {
    services: [
      ec2,
      elasticloadbalancing,
      iam,
      kms,
      monitoring,
      redshiftServerless,
      secretsmanager,
      servicequotas,
      sts,
      tagging,
    ],
    rawServices: [createDynamoDbService()],
  };
}
