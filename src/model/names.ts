/**
 * Every name that rsds gives to something, from project, environment and region alone: names are never looked up and
 * never fail.
 *
 * N1. A name that AWS would refuse as it stands is shortened or altered, and then ends in a hash of what it stands for,
 *     so that distinct things keep distinct names.
 * N2. IAM knows no regions: the role's name carries the region, or the same environment in two regions would share it.
 */
import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';

export type SecurityGroupRole = 'nlb' | 'endpoint' | 'consumer' | 'producer' | 'workload';

export interface Names {
  /** `<project>-<environment>`, the beginning of every name. */
  readonly prefix: string;
  /** Of namespace and workgroup alike; `short` is `producer`, `consumer-2` or a workload's name. 3 to 63 characters. */
  warehouse(short: string): string;
  readonly vpc: string;
  /** `index` counts from 0; the name counts from 1. */
  subnet(index: number): string;
  readonly routeTable: string;
  readonly s3Endpoint: string;
  securityGroup(role: SecurityGroupRole): string;
  /** With its `alias/`. */
  readonly keyAlias: string;
  /** At most 64 characters. */
  readonly role: string;
  readonly readerSecret: string;
  /** Of the role of test instances, and of its instance profile; at most 64 characters. */
  readonly testRole: string;
  /** Of the group of test instances, and of that of the endpoints which they need. */
  testGroup(of: 'instances' | 'endpoints'): string;
  /** Of the endpoint access of one warehouse; at most 30 characters. */
  endpoint(short: string): string;
  /** At most 32 characters. */
  readonly loadBalancer: string;
  /** At most 32 characters. */
  readonly targetGroup: string;
  /** `lineage` is the ledger's, so that a resumed `down` finds the snapshot it began. */
  finalSnapshot(lineage: string): string;
  /** Of a consumer that goes. */
  leavingSnapshot(short: string): string;
}

/** What a warehouse is called: the one rule for namespaces, workgroups and what is shown. */
export const warehouseName = (prefix: string, short: string): string => `${prefix}-${short}`;

/** The names of everything in one environment. */
export function namesFor(config: Pick<Config, 'project' | 'environment' | 'region'>): Names {
  const prefix = `${config.project}-${config.environment}`;
  return {
    prefix,
    warehouse: (short) => warehouseName(prefix, short),
    vpc: `${prefix}-vpc`,
    subnet: (index) => `${prefix}-subnet-${index + 1}`,
    routeTable: `${prefix}-private`,
    s3Endpoint: `${prefix}-s3`,
    securityGroup: (role) => shorten(prefix, role, groupRules),
    keyAlias: `alias/${prefix}`,
    role: shorten(prefix, config.region, roleRules),
    // A slash, not a hyphen: a secret whose name ends in a hyphen and six characters may be taken for another's ARN (F-803).
    readerSecret: `${prefix}/reader`,
    testRole: shorten(prefix, `test-${config.region}`, roleRules),
    testGroup: (of) => shorten(prefix, `test-${of}`, groupRules),
    endpoint: (short) => shorten(prefix, short, endpointRules),
    loadBalancer: shorten(prefix, 'nlb', balancerRules),
    targetGroup: shorten(prefix, 'targets', balancerRules),
    finalSnapshot: (lineage) => shorten(prefix, `final-${lineage}`, snapshotRules),
    leavingSnapshot: (short) => shorten(prefix, `${short}-left`, snapshotRules),
  };
}

interface NameRules {
  readonly max: number;
  /** Beginnings that AWS keeps for itself. */
  readonly reserved?: string;
  /** Whether two hyphens in a row, or one at the end, are refused. */
  readonly singleHyphens: boolean;
}

const endpointRules: NameRules = { max: 30, singleHyphens: true }; // F-800
const balancerRules: NameRules = { max: 32, singleHyphens: true, reserved: 'internal-' }; // F-801
const groupRules: NameRules = { max: 255, singleHyphens: false, reserved: 'sg-' }; // F-802
const roleRules: NameRules = { max: 64, singleHyphens: false }; // F-806
const snapshotRules: NameRules = { max: 255, singleHyphens: true }; // F-804

/** `<prefix>-<suffix>` as it is where the rules allow it, else shortened in the middle and ended with a hash. */
function shorten(prefix: string, suffix: string, rules: NameRules): string {
  const wanted = `${prefix}-${suffix}`;
  const plain = tidy(wanted, rules);
  if (plain === wanted && wanted.length <= rules.max) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 6);
  const tail = `-${tidy(suffix, { ...rules, reserved: '' })}-${hash}`;
  const roomy = tail.length <= rules.max - 4;
  const [body, end] = roomy ? [tidy(prefix, rules), tail] : [plain, `-${hash}`];
  return `${trimHyphens(body.slice(0, rules.max - end.length))}${end}`;
}

function tidy(text: string, { reserved, singleHyphens }: NameRules): string {
  const single = singleHyphens ? trimHyphens(text.replace(/-{2,}/g, '-')) : text;
  return reserved && `${single}-`.startsWith(reserved) ? `rsds-${single}` : single;
}

const trimHyphens = (text: string) => text.replace(/^-+|-+$/g, '');
