/**
 * The register of error codes: the one place that gives a code its exit code and its explanation.
 * docs/errors.md is generated from it (`npm run docs`), and a test fails when the two differ.
 */
export interface CodeEntry {
  /** Exit code of the process. */
  readonly exit: 1 | 2 | 4 | 5 | 70 | 129 | 130 | 143;
  /** What it means, one sentence. */
  readonly about: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}

const entries = {
  'usage/invalid': {
    exit: 2,
    about: 'A command, option or argument is not one that rsds knows.',
    remedy: 'Run the command with --help.',
  },
  'usage/no-terminal': {
    exit: 2,
    about: 'An answer is needed and there is no terminal to ask on.',
    remedy: 'Give the flag that the message names.',
  },
  'usage/declined': {
    exit: 1,
    about: 'A prompt was declined; nothing was changed.',
    remedy: 'Run the command again and confirm, or pass --yes.',
  },
  'usage/node-version': {
    exit: 2,
    about: 'The installed Node.js is older than 20.19.',
    remedy: 'Install Node.js 20.19 or newer.',
  },

  'config/invalid': {
    exit: 2,
    about: 'The configuration has faults; each is listed with its place.',
    remedy: 'Mend the lines named and run again.',
  },
  'config/not-found': {
    exit: 2,
    about: 'No rsds.yaml was found from here upwards.',
    remedy: 'Run `rsds init`, pass --config FILE, or try `--sim`.',
  },
  'config/exists': {
    exit: 2,
    about: 'There is an rsds.yaml already.',
    remedy: 'Pass --force to replace it, or --config FILE for another name.',
  },
  'config/unreadable': {
    exit: 2,
    about: 'The configuration file cannot be read.',
    remedy: 'Check its path and permissions.',
  },
  'config/syntax': {
    exit: 2,
    about: 'The configuration file is not well-formed YAML.',
    remedy: 'Mend the line named.',
  },
  'config/unknown-key': {
    exit: 2,
    about: 'The configuration has a key that rsds does not know.',
    remedy: 'Use the key suggested, or remove it.',
  },
  'config/missing': { exit: 2, about: 'A setting that has no default is missing.', remedy: 'Add it to rsds.yaml.' },
  'config/type': {
    exit: 2,
    about: 'A setting has a value of the wrong type.',
    remedy: 'Give a value of the type named.',
  },
  'config/value': {
    exit: 2,
    about: 'A setting has a value outside what AWS or rsds allows.',
    remedy: 'Give one of the values named.',
  },
  'config/name-too-long': {
    exit: 2,
    about: 'A name made from project and environment is longer than AWS allows.',
    remedy: 'Shorten project, environment or workload.',
  },
  'config/cidr': {
    exit: 2,
    about: 'A CIDR block is malformed, overlaps another, lies outside the VPC or is too small.',
    remedy: 'Give the blocks that the message describes.',
  },
  'config/zones': {
    exit: 2,
    about: 'There are too few availability zones for the setting of enhancedVpcRouting.',
    remedy: 'Give one subnet CIDR for each of three zones.',
  },
  'config/capacity': {
    exit: 2,
    about: 'A capacity is not one that Redshift Serverless offers.',
    remedy: 'Use 4, 8 to 512 in steps of 8, or to 1024 in steps of 32; maxCapacity at least baseCapacity.',
  },
  'config/quota': {
    exit: 2,
    about: 'The configuration needs more than AWS grants by default.',
    remedy: 'Lower the number, or set allowBeyondDefaultQuota: true once AWS has raised the quota.',
  },
  'config/open-to-world': {
    exit: 2,
    about: 'A rule would open the data to the whole internet.',
    remedy: 'Name the networks that need access.',
  },
  'config/identifier': {
    exit: 2,
    about: 'A database, schema, table or user name is not a valid identifier.',
    remedy: 'Use letters, digits and underscores, starting with a letter.',
  },
  'config/no-such-setting': {
    exit: 2,
    about: 'Redshift Serverless has no such setting.',
    remedy: 'Remove it; idle compute costs nothing.',
  },
  'config/environment': {
    exit: 2,
    about: 'The environment is not one of those that the file lists.',
    remedy: 'Pass --env with one of the names listed.',
  },
  'config/region': {
    exit: 2,
    about: 'No AWS region is set.',
    remedy: 'Pass --region, set region in rsds.yaml, or set AWS_REGION.',
  },
  'config/account': {
    exit: 2,
    about: 'The credentials belong to another account than the one this environment lives in.',
    remedy: 'Use the right --profile, or another --env.',
  },

  'preflight/quota': {
    exit: 2,
    about: 'The account has too little quota left for what is to be created.',
    remedy: 'Ask AWS to raise the quota named, or create less.',
  },
  'preflight/zones': {
    exit: 2,
    about: 'The region has too few usable availability zones.',
    remedy: 'Choose another region, or give fewer subnets with enhancedVpcRouting off.',
  },
  'preflight/addresses': { exit: 2, about: 'The subnets have too few free addresses.', remedy: 'Give larger subnets.' },
  'preflight/network': {
    exit: 2,
    about: 'The existing VPC or its subnets do not fit.',
    remedy: 'Mend what the message names.',
  },

  'plan/changes': { exit: 5, about: 'There are changes (plan --check exits with 3).', remedy: 'Run `rsds up`.' },
  'plan/changed-since': {
    exit: 1,
    about: 'What AWS has changed between the plan that was confirmed and its execution.',
    remedy: 'Look at the new plan and run again.',
  },
  'plan/refused': {
    exit: 2,
    about: 'The change would destroy data or cannot be made in place.',
    remedy: 'Revert the setting, or run `rsds down` first.',
  },

  'aws/no-credentials': {
    exit: 1,
    about: 'No AWS credentials were found.',
    remedy: 'Run `aws configure sso` or set AWS_PROFILE.',
  },
  'aws/expired-credentials': {
    exit: 1,
    about: 'The AWS credentials have expired.',
    remedy: 'Log in again (`aws sso login`) and run the same command.',
  },
  'aws/invalid-credentials': {
    exit: 1,
    about: 'AWS does not accept the credentials.',
    remedy: 'Check the profile or the keys in the environment.',
  },
  'aws/profile': {
    exit: 1,
    about: 'The profile is not in the AWS configuration.',
    remedy: 'Use one of the profiles listed.',
  },
  'aws/unreachable': {
    exit: 1,
    about: 'The AWS endpoint cannot be reached.',
    remedy: 'Check the network, the region and AWS_ENDPOINT_URL.',
  },
  'aws/denied': {
    exit: 1,
    about: 'AWS refused a call for lack of a permission.',
    remedy: 'Grant the action named, then run again.',
  },
  'aws/throttled': {
    exit: 1,
    about: 'AWS kept refusing calls because there were too many.',
    remedy: 'Run the same command again later.',
  },
  'aws/invalid': {
    exit: 1,
    about: 'AWS refused a request as wrong.',
    remedy: 'Read the message; if the configuration is right, please report it.',
  },
  'aws/conflict': {
    exit: 1,
    about: 'Another operation was in the way for too long.',
    remedy: 'Wait until it has ended and run the same command again.',
  },
  'aws/quota': { exit: 1, about: 'An AWS quota is exhausted.', remedy: 'Ask AWS to raise it, or create less.' },
  'aws/capacity': {
    exit: 1,
    about: 'AWS has no capacity left in the zone.',
    remedy: 'Run again later, or use other zones.',
  },
  'aws/failed': {
    exit: 1,
    about: 'An AWS call failed.',
    remedy: 'Run the same command again; it goes on where it stopped.',
  },

  'step/timeout': {
    exit: 1,
    about: 'A resource did not settle within its time.',
    remedy: 'Run `rsds diagnose`; run the same command again to go on waiting.',
  },
  'step/at-work': {
    exit: 1,
    about: 'A consumer that is to go, or to be changed, still runs queries of clients when its time is up.',
    remedy:
      'It gets no new connections and is whole: run the same command again when the queries have ended, give more `--drain-timeout`, or end them with `--force`.',
  },
  'step/broken': {
    exit: 1,
    about: 'A resource reached a state that it does not leave by itself.',
    remedy: 'Run `rsds diagnose`.',
  },
  'step/did-not-converge': {
    exit: 1,
    about: 'A resource still differs from what is wanted after the change was made.',
    remedy: 'Run the same command again; if it lasts, please report it.',
  },
  'step/vanished': {
    exit: 1,
    about: 'Something on which a change stands was deleted by somebody else during the run.',
    remedy: 'Run the same command again, which makes it anew.',
  },
  'step/foreign': {
    exit: 1,
    about: 'A resource of that name exists and does not carry the tags of this environment.',
    remedy: 'Rename the project, or take the resource over.',
  },
  'step/leftovers': {
    exit: 1,
    about: 'Something that rsds made is still there after `down`.',
    remedy: 'Run `rsds down` again; if it lasts, remove what is listed by hand.',
  },
  'step/failed': {
    exit: 1,
    about: 'One or more resources failed.',
    remedy: 'Mend the cause named and run the same command again.',
  },
  'sql/failed': { exit: 1, about: 'A SQL statement failed.', remedy: 'Mend the cause that the warehouse names.' },
  'sql/file': { exit: 2, about: 'A file of initial SQL cannot be used.', remedy: 'Mend the file at the line named.' },
  'sql/init-changed': {
    exit: 2,
    about: 'A file of initial SQL that has been run was changed.',
    remedy: 'Put the additions in a new file and list it after the old one.',
  },

  'lock/held': {
    exit: 4,
    about: 'Somebody else holds the lock.',
    remedy: 'Wait for them, or look with `rsds lock show`.',
  },
  'lock/lost': {
    exit: 4,
    about: 'The lock was lost to somebody else while running.',
    remedy: 'Run the same command again.',
  },
  'lock/alive': {
    exit: 4,
    about: 'The lock that was to be freed belongs to a run that is alive: its heartbeat was seen.',
    remedy: 'Wait for that run or stop it; when its process is surely dead, use `--force`.',
  },
  'lock/other-holder': {
    exit: 4,
    about: 'The lock that was to be freed is held, but not by the holder with that id.',
    remedy: 'Look with `rsds lock show`, which prints the id to pass.',
  },
  'lock/foreign-table': {
    exit: 1,
    about: 'The table that `lock.table` names is not one of locks.',
    remedy: 'Name another one in `lock.table`.',
  },
  'lock/no-table': {
    exit: 1,
    about: 'The lock table does not exist.',
    remedy: 'Run `rsds up`; it asks and creates it.',
  },

  'ledger/unreadable': {
    exit: 1,
    about: 'The ledger is not readable.',
    remedy: '`rsds up --rebuild-ledger` puts it aside and makes it anew from tags and names; so does `rsds down`.',
  },
  'ledger/foreign': {
    exit: 1,
    about: 'The ledger belongs to another environment or account.',
    remedy: 'Check --env and --profile; if it got there by mistake, `rsds up --rebuild-ledger` puts it aside.',
  },
  'ledger/newer': {
    exit: 1,
    about: 'The ledger was written by a newer rsds.',
    remedy: 'Update rsds, or `rsds up --rebuild-ledger`.',
  },
  'ledger/fenced': { exit: 4, about: 'A newer run has taken over the ledger.', remedy: 'Run the same command again.' },
  'ledger/no-bucket': {
    exit: 1,
    about: 'The bucket that `state` names does not exist.',
    remedy: 'Make it with `rsds backend create`.',
  },
  'ledger/write': {
    exit: 1,
    about: 'The ledger cannot be written.',
    remedy: 'Check the disk and the permissions of .rsds.',
  },

  'backend/foreign-bucket': {
    exit: 1,
    about: 'The bucket that `state` names is in another account, or closed to you.',
    remedy: 'Choose another name in `state`; bucket names are unique in the world.',
  },

  'backend/in-use': {
    exit: 1,
    about: 'The bucket or the lock table is still used by an environment or a run.',
    remedy: 'Take the environments down first, or let the run end.',
  },
  'backend/not-ours': {
    exit: 1,
    about: 'The bucket or the table was not made by `rsds backend create`, or holds other things.',
    remedy: 'Look what is in there; what is not of rsds, rsds does not delete.',
  },
  'backend/nothing-to-move': {
    exit: 1,
    about: 'There is no ledger where `state` says.',
    remedy: 'Set `state` to where the ledger is.',
  },
  'backend/occupied': {
    exit: 1,
    about: 'Another or a newer ledger stands where this one should go.',
    remedy: 'See which of both is right, and move the other aside.',
  },

  'fault/found': { exit: 5, about: 'A check found a fault.', remedy: 'Follow the remedy printed with it.' },
  'probe/instances': {
    exit: 1,
    about: 'Test instances could not be made, or not be reached by Systems Manager.',
    remedy: 'Do what the message says; whatever was made for the test has been removed again.',
  },
  'probe/script': {
    exit: 1,
    about: 'The script of a test did not run to its end on an instance, or could not read the password there.',
    remedy: 'Read what the instance said; the next run starts with new instances.',
  },
  'probe/remains': {
    exit: 1,
    about: 'Something that was made for a test could not be removed, and may cost money.',
    remedy: 'Run the test again, or remove by hand what the message lists: it carries the tag `rsds:test`.',
  },
  'connect/absent': {
    exit: 1,
    about: 'There is nothing to connect to yet, or no password for it.',
    remedy: 'Run `rsds up`, which makes it; `rsds status` shows what stands.',
  },
  'target/unknown': {
    exit: 2,
    about: 'There is no such warehouse in this environment.',
    remedy: 'Use one of the names listed.',
  },

  'sim/start': {
    exit: 1,
    about: 'The simulator could not be started.',
    remedy: 'Read .rsds/sim/simulator.log; `rsds sim reset` starts afresh.',
  },
  'sim/unreadable': {
    exit: 1,
    about: 'The saved world of the simulator is not readable.',
    remedy: 'Run `rsds sim reset`.',
  },

  'run/interrupted': {
    exit: 130,
    about: 'Interrupted; what was under way is recorded.',
    remedy: 'Run the same command again to go on.',
  },
  'run/hung-up': {
    exit: 129,
    about: 'The terminal was closed; what was under way is recorded.',
    remedy: 'Run the same command again to go on.',
  },
  'run/terminated': {
    exit: 143,
    about: 'Terminated; what was under way is recorded.',
    remedy: 'Run the same command again to go on.',
  },
  'system/failed': {
    exit: 1,
    about: 'The operating system refused something: a file, a folder, a port.',
    remedy: 'Check the path, its permissions and the space left, and run the same command again.',
  },
  'internal/invariant': {
    exit: 70,
    about: 'A bug in rsds.',
    remedy: 'Please report it with the message and the command.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof entries;
export const errorCodes: Readonly<Record<ErrorCode, CodeEntry>> = entries;
