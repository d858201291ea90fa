/** `rsds init`: a guided wizard that writes rsds.yaml. */
import { command } from './definition.ts';

export const init = command({
  name: 'init',
  summary: 'write rsds.yaml, guided by questions',
  details:
    'Asks only what it cannot find out: what a flag gives is not asked, nor is a region that the environment or the profile names. Without a terminal, flags answer and everything else keeps its default; --yes does the same on one.',
  offline: true,
  options: {
    project: { type: 'text', value: 'name', summary: 'prefix of every name (asked; default: the name of the folder)' },
    vpc: { type: 'text', value: 'id', summary: '`create`, or the id or name of an existing VPC' },
    vpcCidr: { type: 'text', value: 'cidr', summary: 'address block of a new VPC' },
    consumers: { type: 'integer', value: 'count', min: 0, summary: 'how many consumers serve the reads' },
    consumerCapacity: { type: 'integer', value: 'rpus', min: 4, summary: 'base capacity of each consumer' },
    consumerMaxCapacity: { type: 'integer', value: 'rpus', min: 4, summary: 'capacity that a consumer may grow to' },
    producerCapacity: { type: 'integer', value: 'rpus', min: 4, summary: 'base capacity of the producer' },
    producerMaxCapacity: { type: 'integer', value: 'rpus', min: 4, summary: 'capacity that the producer may grow to' },
    database: { type: 'text', value: 'name', summary: "the producer's database" },
    datashare: { type: 'text', value: 'name', summary: 'name of the datashare' },
    schemas: { type: 'list', value: 'names', summary: 'schemas to share' },
    consumerDatabase: { type: 'text', value: 'name', summary: 'database under which consumers see the share' },
    environments: { type: 'list', value: 'names', summary: 'environments of the project, e.g. dev,prod' },
    force: { type: 'flag', summary: 'replace an existing file' },
  },
  examples: ['rsds init', 'rsds init --project airline --region us-east-1 --consumers 3 --environments dev,prod'],
  run: async ({ options }, context) => (await import('./init/wizard.ts')).runWizard(options, context),
});
