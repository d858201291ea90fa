/** Another number of consumers for a configuration that is loaded already: `scale`, and what the ledger keeps. */
import { ConfigError } from '../shared/errors.ts';
import type { Config } from './config.ts';
import { mostConsumers } from './kinds.ts';
import { Reading } from './reading.ts';
import { rules } from './rules/all.ts';
import type { ConsumerCount } from './write.ts';

/** The same configuration with other consumers. Throws ConfigError where the rules are against it. */
export function withConsumers(config: Config, { count, without }: ConsumerCount): Config {
  const reading = new Reading();
  const changed: Config = { ...config, consumers: { ...config.consumers, count, without } };
  const nowhere = (path: string) => ({ path, place: undefined });
  if (!Number.isInteger(count) || count < 0 || count > mostConsumers) {
    const message = `is ${count}, must be a whole number from 0 to ${mostConsumers}`;
    reading.fault('config/value', nowhere('consumers.count'), message);
    throw new ConfigError(reading.faults);
  }
  for (const rule of rules) {
    rule({
      config: changed,
      fault: (code, path, message, hint) => reading.fault(code, nowhere(path), message, hint),
      notice: () => {},
      sound: (...paths) => reading.sound(...paths),
      given: () => false,
    });
  }
  if (reading.faults.length > 0) throw new ConfigError(reading.faults);
  return changed;
}
