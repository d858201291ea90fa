/** How a command reaches AWS: the account, or the simulator of this folder. */

import { devNull } from 'node:os';
import type { Host } from '../../compose.ts';
import type { Notices } from '../../report/notices.ts';
import { RealClock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/random.ts';
import type { AwsAccess, LocalAddresses } from '../context.ts';
import { ensureSimulator } from './background.ts';
import { askControl } from './control.ts';
import type { PortFile } from './port-file.ts';
import type { SimAddress } from './serve.ts';

export interface Connection {
  /** How many times faster than real time AWS's time runs there. */
  readonly speed: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly aws: AwsAccess;
  readonly localAddresses: LocalAddresses;
}

export interface ConnectRequest {
  /** `.rsds/sim` of the project. */
  readonly stateDirectory: string;
  readonly host: Pick<Host, 'environment' | 'program'>;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}

/** How many times faster than real time the simulated AWS runs when nobody asks for another speed. */
export const defaultSpeed = 60;

/** Connects to the simulator of the folder, starting it in the background where it does not run. */
export async function attach({ stateDirectory, host, notices, signal }: ConnectRequest): Promise<Connection> {
  const ignored = ignoredVariables(host.environment);
  const told = ignored.filter((name) => name === 'AWS_PROFILE' || name.startsWith('AWS_ENDPOINT_URL'));
  if (told.length > 0) notices.line(`--sim: ${told.join(', ')} ${told.length === 1 ? 'is' : 'are'} ignored`);
  const environment = simulatedEnvironment(host.environment);
  const { portFile, fresh } = await ensureSimulator({
    directory: stateDirectory,
    program: host.program,
    speed: defaultSpeed,
    environment,
    clock: new RealClock(),
    random: systemRandom,
    signal,
  });
  const endpoint = `http://127.0.0.1:${portFile.port}`;
  notices.line(
    `${fresh ? 'started' : 'using'} the AWS simulator at ${endpoint}, ${portFile.speed} times as fast as AWS`,
  );
  return {
    speed: portFile.speed,
    environment,
    aws: { endpoint, credentials: { accessKeyId: portFile.accessKeyId, secretAccessKey: 'simulator' } },
    localAddresses: localAddressesOf(portFile),
  };
}

/** What the simulator says of where its warehouses and load balancers listen. */
const localAddressesOf = (portFile: PortFile): LocalAddresses => ({
  async find(dnsName, port) {
    const addresses = await askControl<SimAddress[]>(portFile, '/addresses', 10_000);
    return addresses.find((one) => one.dnsName.toLowerCase() === dnsName.toLowerCase() && one.port === port)?.local;
  },
});

const leadsToAws =
  /^AWS_(PROFILE|DEFAULT_PROFILE|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|CREDENTIAL_EXPIRATION|ROLE_ARN|ROLE_SESSION_NAME|WEB_IDENTITY_TOKEN_FILE|CONTAINER_.*|ENDPOINT_URL.*|USE_FIPS_ENDPOINT|USE_DUALSTACK_ENDPOINT|CONFIG_FILE|SHARED_CREDENTIALS_FILE)$/;

/** The variables that would lead an SDK to a real account, or to another endpoint. */
export const ignoredVariables = (environment: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(environment)
    .filter((name) => leadsToAws.test(name) && environment[name])
    .sort();

/** The environment without them, and without the user's AWS files. */
export function simulatedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !leadsToAws.test(name))),
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
