/** Names and their lengths, tags, keys. */
import { desire } from '../../model/desired.ts';
import type { Rule } from './rule.ts';

/** What the Data API takes; namespaces and workgroups would take 64 (F-805). */
const longestName = 63;

/** A namespace and its workgroup share one name, which has to fit. Everything else is shortened where it must be. */
export const nameLengths: Rule = ({ config, fault, sound }) => {
  if (!sound('project', 'workloads', 'consumers.count', 'consumers.without')) return;
  const { producer, consumers, workloads, names } = desire(config);
  const pool = [producer, ...consumers].reduce((longest, each) =>
    each.name.length > longest.name.length ? each : longest,
  );
  const spare = longestName - (pool.name.length - config.project.length);
  if (pool.name.length > longestName) {
    const message = `makes the name ${pool.name} with ${pool.name.length} characters, must be at most ${longestName}`;
    fault('config/name-too-long', 'project', message, `Use at most ${spare} characters, or a shorter environment.`);
  }
  for (const each of workloads) {
    if (each.name.length <= longestName) continue;
    const room = longestName - names.prefix.length - 1;
    const message = `makes the name ${each.name} with ${each.name.length} characters, must be at most ${longestName}`;
    fault(
      'config/name-too-long',
      `workloads.${each.short}`,
      message,
      room > 0 ? `Use at most ${room} characters.` : 'Shorten project.',
    );
  }
};

/** A key of another region can't encrypt anything here. */
export const keyRegion: Rule = ({ config, fault, sound }) => {
  const region = /^arn:[^:]+:kms:([^:]+):/.exec(config.kmsKey)?.[1];
  if (region === undefined || region === config.region || !sound('kmsKey', 'region')) return;
  fault('config/value', 'kmsKey', `is in ${region}, must be in ${config.region}`, `Name a key of ${config.region}.`);
};

/** IAM takes keys that differ only in case for the same (F-851). */
export const tagCase: Rule = ({ config, fault, sound }) => {
  if (!sound('tags')) return;
  const first = new Map<string, string>();
  for (const key of Object.keys(config.tags)) {
    const same = first.get(key.toLowerCase());
    if (same === undefined) first.set(key.toLowerCase(), key);
    else
      fault(
        'config/value',
        'tags',
        `has ${same} and ${key}, which IAM takes for the same key`,
        'Remove one of the two.',
      );
  }
};
