/** Parameters: the public ones that name the newest images (F-746). */
import type {
  GetParameterRequest,
  GetParameterResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter,
} from '@aws-sdk/client-ssm';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import { amazonLinux } from '../ec2/images.ts';

const folder = '/aws/service/ami-amazon-linux-latest';
const flavours = ['al2023-ami-kernel-default', 'al2023-ami-kernel-6.1'];

/** Since when the present images are the newest ones. */
const since = new Date(Date.UTC(2026, 10, 2));

function find(region: string, name: string): Parameter | undefined {
  const image = amazonLinux(region).find(({ architecture }) =>
    flavours.some((flavour) => name === `${folder}/${flavour}-${architecture}`),
  );
  if (!image) return undefined;
  return {
    Name: name,
    Type: 'String',
    Value: image.imageId,
    Version: 1,
    DataType: 'text',
    LastModifiedDate: since,
    ARN: `arn:aws:ssm:${region}::parameter${name}`,
  };
}

export function getParameter({ Name }: Checked<GetParameterRequest>, { region }: Call): GetParameterResult {
  const found = find(region, Name);
  if (!found) throw new ApiError('ParameterNotFound', '');
  return { Parameter: found };
}

export function getParameters({ Names }: Checked<GetParametersRequest>, { region }: Call): GetParametersResult {
  const found = Names.flatMap((name) => find(region, name) ?? []);
  return { Parameters: found, InvalidParameters: Names.filter((name) => !found.some((one) => one.Name === name)) };
}
