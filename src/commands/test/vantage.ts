/** Where the connections of a test come from. */
import { localVantage } from '../../probe/local-vantage.ts';
import type { Vantage } from '../../probe/plan.ts';
import { RealClock } from '../../shared/clock.ts';
import { localAddress, readPassword } from '../environment/place.ts';
import type { Account } from '../environment/session.ts';

export async function openVantage(here: Account): Promise<Vantage> {
  return localVantage({
    // Connections are made in real time, however fast the account's runs.
    clock: new RealClock(),
    password: (secret) => readPassword(here, { secret }),
    locate: (host, port) => localAddress(here.context, host, port),
  });
}
