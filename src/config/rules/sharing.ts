/** What is shared, and under which names. */
import { consumerLocalDatabase } from '../../model/desired.ts';
import type { Rule } from './rule.ts';

/** The shared database stands beside the local one in every warehouse that reads. */
export const databaseNames: Rule = ({ config, fault, sound }) => {
  const shared = config.datashare.consumerDatabase;
  if (!sound('datashare.consumerDatabase', 'workloads')) return;
  if (shared === consumerLocalDatabase) {
    const message = `is ${shared}, must be another name: every consumer has a database of its own called ${consumerLocalDatabase}`;
    fault('config/identifier', 'datashare.consumerDatabase', message);
  }
  for (const [name, { database }] of Object.entries(config.workloads)) {
    if (database !== shared) continue;
    const message = `is ${database}, must be another name than datashare.consumerDatabase, which stands beside it`;
    fault('config/identifier', `workloads.${name}.database`, message);
  }
};

export const userNames: Rule = ({ config, fault, sound }) => {
  if (config.datashare.reader !== config.producer.adminUsername) return;
  if (!sound('datashare.reader', 'producer.adminUsername')) return;
  fault(
    'config/identifier',
    'datashare.reader',
    `is ${config.datashare.reader}, must be another name than producer.adminUsername`,
  );
};

export const sharedObjects: Rule = ({ config, fault, notice, sound }) => {
  const { schemas, tables } = config.datashare;
  if (!sound('datashare.schemas', 'datashare.tables')) return;
  if (schemas.length + tables.length === 0) {
    fault(
      'config/value',
      'datashare.schemas',
      'is empty and so is datashare.tables: consumers would see nothing',
      'Name a schema or a table.',
    );
  }
  const twice = tables.filter((table) => schemas.includes(table.split('.')[0] ?? ''));
  if (twice.length > 0) notice(`datashare.tables: ${twice.join(', ')} is shared with its schema already`);
  if (schemas.includes('public')) {
    notice('datashare.schemas: public is shared, with everything that is in it and everything that will be');
  }
};
