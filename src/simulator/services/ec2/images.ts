/** The images that instances are started from: Amazon Linux 2023, one for each architecture, with an id of its own in each region. */
import type { DescribeImagesRequest, DescribeImagesResult, Image } from '@aws-sdk/client-ec2';
import { seededRandom } from '../../../shared/random.ts';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { type FilterTable, listPage } from './requests.ts';
import { textHash } from './state.ts';

export interface ImageInfo {
  readonly imageId: string;
  readonly name: string;
  readonly architecture: 'arm64' | 'x86_64';
}

const release = '2023.9.20261102.0-kernel-6.1';

/** The newest ones of the region. */
export const amazonLinux = (region: string): readonly ImageInfo[] =>
  (['arm64', 'x86_64'] as const).map((architecture) => ({
    imageId: `ami-0${seededRandom(textHash(`${region}/${architecture}`)).hex(16)}`,
    name: `al2023-ami-${release}-${architecture}`,
    architecture,
  }));

/** Errors: `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`. */
export function requireImage(place: Place, id: string): ImageInfo {
  if (!id.startsWith('ami-')) {
    throw new ApiError('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`);
  }
  const found = amazonLinux(place.region).find(({ imageId }) => imageId === id);
  if (found) return found;
  throw new ApiError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

const filters: FilterTable<ImageInfo & { tags?: Record<string, string> }> = {
  architecture: ({ architecture }) => architecture,
  'image-id': ({ imageId }) => imageId,
  name: ({ name }) => name,
  'owner-alias': () => 'amazon',
  state: () => 'available',
};

function describeImages(input: Checked<DescribeImagesRequest>, call: Call): DescribeImagesResult {
  const all = input.ImageIds?.length ? input.ImageIds.map((id) => requireImage(call, id)) : amazonLinux(call.region);
  const page = listPage(input, all, filters);
  return { Images: page.items.map(imageOf), NextToken: page.nextToken };
}

const imageOf = ({ imageId, name, architecture }: ImageInfo): Image => ({
  ImageId: imageId,
  Name: name,
  Architecture: architecture,
  ImageOwnerAlias: 'amazon',
  OwnerId: '137112412989',
  Public: true,
  State: 'available',
  ImageType: 'machine',
  RootDeviceName: rootDevice,
  RootDeviceType: 'ebs',
  VirtualizationType: 'hvm',
  EnaSupport: true,
  BootMode: architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
  PlatformDetails: 'Linux/UNIX',
});

export const rootDevice = '/dev/xvda';

export const imageOperations = { DescribeImages: describeImages };
