import { full } from '../support/seed.ts';

/** So many consumers of the smallest size, with a table of their own: enough for every kind of call. */
export const projectOf = (consumers: number) => `project: airline
region: us-east-1
producer: { database: airline_dw, baseCapacity: 8, initSql: [schema.sql] }
consumers: { count: ${consumers}, baseCapacity: 8 }
datashare: { name: airline_share, schemas: [public], consumerDatabase: airline, reader: reporter }
`;

export const smallProject = projectOf(2);

/** A whole sweep has three consumers, a sample two: it takes half the time. */
export const sweptProject = projectOf(full ? 3 : 2);

export const smallSchema = `CREATE TABLE flights (id INT NOT NULL, carrier CHAR(2)) DISTKEY (id) SORTKEY (id);
INSERT INTO flights VALUES (1, 'LH'), (2, 'BA');
`;
