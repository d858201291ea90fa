/** Better answers than "unknown key": the near key, the key under its other name, or why there is no such setting. */

interface AbsentSetting {
  readonly why: string;
  readonly instead: string;
}

const idle = {
  why: 'Redshift Serverless pauses by itself and has no setting for it',
  instead: 'Remove it; idle compute costs nothing.',
};
const nodes = {
  why: 'serverless warehouses have no nodes',
  instead: 'Remove it; size them with baseCapacity and maxCapacity.',
};
const caching = {
  why: 'result caching is a setting of a session, and on by default',
  instead: 'Remove it; a session turns it off with SET enable_result_cache_for_session TO off.',
};
const queues = {
  why: 'Redshift Serverless has no queues to configure',
  instead: 'Use parameters for limits per query, and workloads to keep jobs apart.',
};
const passwords = {
  why: 'passwords are made and kept in Secrets Manager, never in a file',
  instead: 'Remove it; for other logins create users with SQL.',
};
const publicAccess = {
  why: 'nothing that rsds makes can be reached from the internet',
  instead: 'Remove it; name the networks of your clients in network.clientCidrs.',
};

/** By name without hyphens, underscores and capitals. */
const absent: Readonly<Record<string, AbsentSetting>> = {
  autopause: idle,
  autopauseminutes: idle,
  autopausedelay: idle,
  autosuspend: idle,
  autosuspendminutes: idle,
  autoresume: idle,
  pauseafter: idle,
  idlepauseminutes: idle,
  nodetype: nodes,
  nodecount: nodes,
  numberofnodes: nodes,
  clustertype: nodes,
  instancetype: nodes,
  resultcaching: caching,
  resultcache: caching,
  enableresultcache: caching,
  enableresultcaching: caching,
  enableresultcacheforsession: caching,
  wlmqueues: queues,
  queues: queues,
  wlm: queues,
  concurrencyscaling: queues,
  adminpassword: passwords,
  adminuserpassword: passwords,
  masterpassword: passwords,
  masteruserpassword: passwords,
  readerpassword: passwords,
  password: passwords,
  publiclyaccessible: publicAccess,
  publicaccess: publicAccess,
  internetfacing: publicAccess,
};

/** What others call our keys, the Terraform modules that rsds replaces among them. */
const otherNames: Readonly<Record<string, string>> = {
  awsregion: 'region',
  projectname: 'project',
  name: 'project',
  additionaltags: 'tags',
  kmskeyid: 'kmsKey',
  createvpc: 'network.vpc',
  vpcid: 'network.vpc',
  vpcname: 'network.vpc',
  vpccidrblock: 'network.vpcCidr',
  cidr: 'network.vpcCidr',
  createsubnets: 'network.subnetCidrs',
  subnets: 'network.subnetCidrs',
  allowedip: 'network.clientCidrs',
  allowedcidrs: 'network.clientCidrs',
  databasename: 'producer.database',
  dbname: 'producer.database',
  masterusername: 'producer.adminUsername',
  adminuser: 'producer.adminUsername',
  baserpu: 'baseCapacity',
  baserpus: 'baseCapacity',
  rpu: 'baseCapacity',
  rpus: 'baseCapacity',
  maxrpu: 'maxCapacity',
  maxrpus: 'maxCapacity',
  logexports: 'producer.logs',
  buckets: 'producer.s3Buckets',
  consumercount: 'consumers.count',
  replicas: 'consumers.count',
  nlb: 'loadBalancer',
  deregistrationdelay: 'loadBalancer.deregistrationDelaySeconds',
  healthcheckinterval: 'loadBalancer.healthCheckSeconds',
  idletimeout: 'loadBalancer.idleTimeoutSeconds',
  backend: 'state',
  share: 'datashare',
};

const plain = (name: string) => name.toLowerCase().replace(/[-_]/g, '');

/** Why there is no setting of that name, where people expect one. */
export function absentSettings(name: string): AbsentSetting | undefined {
  const found = plain(name);
  return Object.hasOwn(absent, found) ? absent[found] : undefined;
}

/** A hint for an unknown key: `known` are the keys of its section, `elsewhere` finds the sections that have its name. */
export function suggestKey(
  name: string,
  known: readonly string[],
  elsewhere: (name: string) => string | undefined,
): string {
  const near = nearWord(name, known);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  const other = Object.hasOwn(otherNames, plain(name)) ? otherNames[plain(name)] : undefined;
  const moved = other ?? elsewhere(name);
  if (moved !== undefined) return `Did you mean \`${moved}\`?`;
  return `Known here: ${known.join(', ')}.`;
}

/** The word that was probably meant: the same but for case and hyphens, or a slip or two away. */
export function nearWord(word: string, known: readonly string[]): string | undefined {
  const same = known.find((candidate) => plain(candidate) === plain(word));
  if (same !== undefined) return same;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain(word), plain(candidate)) }))
    .sort((one, other) => one.distance - other.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** How many letters have to be added, dropped, changed or swapped with their neighbour. */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= from.length; row++) {
    rows[row] = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const least = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + changed);
      rows[row]?.push(swapped ? Math.min(least, at(row - 2, column - 2) + 1) : least);
    }
  }
  return at(from.length, to.length);
}
