/** Every service of the simulated account, in one place. */
import { createDataPlane, type DataPlane } from '../plane/index.ts';
import type { RawService } from '../raw-service.ts';
import type { Service } from '../service.ts';
import { createDynamoDbService } from './dynamodb/index.ts';
import { service as ec2 } from './ec2/index.ts';
import { service as elasticloadbalancing } from './elasticloadbalancing/index.ts';
import { service as iam } from './iam/index.ts';
import { service as kms } from './kms/index.ts';
import { service as monitoring } from './monitoring/index.ts';
import { createRedshiftService } from './redshift/index.ts';
import { createRedshiftDataService } from './redshift-data/index.ts';
import { service as redshiftServerless } from './redshift-serverless/index.ts';
import { service as s3 } from './s3/index.ts';
import { service as secretsmanager } from './secretsmanager/index.ts';
import { service as servicequotas } from './servicequotas/index.ts';
import type { CommandOptions } from './ssm/commands.ts';
import { createSsmService } from './ssm/index.ts';
import { service as sts } from './sts/index.ts';
import { service as tagging } from './tagging/index.ts';

export interface Staffing {
  readonly services: readonly Service[];
  readonly rawServices: readonly RawService[];
  /** The databases behind the warehouses; its engine starts with the first statement. */
  readonly plane: DataPlane;
}

/** Nothing is run by anybody. */
const noCommands: CommandOptions = { machines: () => undefined, operatorKey: undefined, onEnd: () => undefined };

/** Makes all services anew; what they hold is in the world and in the raw services. */
export function createServices(commands: CommandOptions = noCommands): Staffing {
  const plane = createDataPlane();
  return {
    plane,
    services: [
      ec2,
      elasticloadbalancing,
      iam,
      kms,
      monitoring,
      createRedshiftService(),
      createRedshiftDataService(plane),
      redshiftServerless,
      s3,
      secretsmanager,
      servicequotas,
      createSsmService(commands),
      sts,
      tagging,
    ],
    rawServices: [createDynamoDbService()],
  };
}
