/** The conversation of `rsds init`: flags, what can be found out, questions; then the file and what to type next. */
import { existsSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { type InitAnswers, initText } from '../../config/init-text.ts';
import { readConfig } from '../../config/load.ts';
import { writeFileAtomically } from '../../config/write.ts';
import { ConfigError, RsdsError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { configFileName } from '../project-folder.ts';
import { profileRegion } from './profile-region.ts';

/** What the flags say; absent where they don't. */
export interface InitFlags {
  readonly project: string | undefined;
  readonly vpc: string | undefined;
  readonly vpcCidr: string | undefined;
  readonly consumers: number | undefined;
  readonly consumerCapacity: number | undefined;
  readonly consumerMaxCapacity: number | undefined;
  readonly producerCapacity: number | undefined;
  readonly producerMaxCapacity: number | undefined;
  readonly database: string | undefined;
  readonly datashare: string | undefined;
  readonly schemas: readonly string[];
  readonly consumerDatabase: string | undefined;
  readonly environments: readonly string[];
  readonly force: boolean;
}

export async function runWizard(flags: InitFlags, context: CommandContext): Promise<undefined> {
  const file = resolve(context.cwd, context.flags.config ?? configFileName);
  mayWrite(file, flags.force);
  const answers = await new Wizard(flags, context).answers();
  const text = await initText(answers);
  const config = await check(text, answers);
  mayWrite(file, flags.force);
  await writeFileAtomically(file, text);
  const shown = relative(context.cwd, file) || file;
  const { project, region, environment } = config;
  context.out.document({ file, project, region, environment, environments: Object.keys(answers.environments ?? {}) });
  context.out.text(farewell(shown, config));
  return undefined;
}

function mayWrite(file: string, force: boolean): void {
  if (force || !existsSync(file)) return;
  throw new RsdsError('config/exists', `${file} exists already`, {
    hint: 'pass --force to replace it, or --config FILE for another name',
  });
}

const farewell = (file: string, { project, environment, region, consumers }: Config) =>
  `wrote ${file}: ${project}-${environment} in ${region}, ${consumers.count} consumers
next:
  rsds up --sim    build it in the simulator: no account, no money
  rsds plan        what your account would get, how long it takes, what it costs
  rsds up          build it`;

/**
 * The configuration that the answers mean for their first environment.
 * @throws ConfigError without lines and columns: there is no file yet that they could be looked up in
 */
async function check(text: string, answers: InitAnswers): Promise<Config> {
  const env = Object.keys(answers.environments ?? {})[0];
  const readSql = () => Promise.reject(new Error('a new file names no SQL'));
  const options = { cwd: '.', environment: {}, sim: false, ...(env === undefined ? {} : { env }) };
  try {
    return (await readConfig({ text, file: undefined, readSql }, options)).config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      error.faults.map(({ line, column, ...fault }) => ({ hint: 'Give another answer.', ...fault })),
    );
  }
}

class Wizard {
  readonly #flags: InitFlags;
  readonly #context: CommandContext;
  readonly #asks: boolean;
  #answers: InitAnswers = {};

  constructor(flags: InitFlags, context: CommandContext) {
    this.#flags = flags;
    this.#context = context;
    this.#asks = context.prompter.interactive && !context.flags.yes;
  }

  async answers(): Promise<InitAnswers> {
    const flags = this.#flags;
    await this.#project();
    await this.#region();
    const defaults = await check(await initText(this.#answers), {});
    await this.#network(defaults);
    await this.#number(
      'consumers.count',
      flags.consumers,
      '--consumers',
      'How many consumers serve the reads?',
      defaults.consumers.count,
    );
    await this.#number(
      'consumers.baseCapacity',
      flags.consumerCapacity,
      '--consumer-capacity',
      'Base capacity of each consumer, RPUs',
      defaults.consumers.baseCapacity,
    );
    this.#set('consumers.maxCapacity', flags.consumerMaxCapacity);
    await this.#number(
      'producer.baseCapacity',
      flags.producerCapacity,
      '--producer-capacity',
      'Base capacity of the producer, RPUs',
      defaults.producer.baseCapacity,
    );
    this.#set('producer.maxCapacity', flags.producerMaxCapacity);
    await this.#text(
      'producer.database',
      flags.database,
      '--database',
      "The producer's database",
      defaults.producer.database,
    );
    await this.#text(
      'datashare.name',
      flags.datashare,
      '--datashare',
      'Name of the datashare',
      defaults.datashare.name,
    );
    await this.#list('datashare.schemas', flags.schemas, '--schemas', 'Schemas to share', defaults.datashare.schemas);
    await this.#text(
      'datashare.consumerDatabase',
      flags.consumerDatabase,
      '--consumer-database',
      'Database under which consumers see it',
      defaults.datashare.consumerDatabase,
    );
    await this.#environments();
    return this.#answers;
  }

  async #project(): Promise<void> {
    const folder = basename(this.#context.cwd)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[^a-z]+|-+$/g, '');
    const { yes } = this.#context.flags;
    const given = this.#flags.project ?? (yes && folder ? folder : undefined);
    await this.#required('project', given, '--project NAME', 'Project: the prefix of every name', folder || undefined);
  }

  async #region(): Promise<void> {
    const { flags, environment, notices } = this.#context;
    const given = flags.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
    const found = given || (await profileRegion(flags.profile, environment));
    if (found && !flags.region) notices.line(`region ${found}, from the environment or the profile`);
    await this.#required('region', found || undefined, '--region NAME', 'AWS region', undefined);
  }

  async #network(defaults: Config): Promise<void> {
    const { prompter } = this.#context;
    let vpc = this.#flags.vpc;
    if (vpc === undefined && this.#flags.vpcCidr === undefined && this.#asks) {
      const kind = await prompter.select({
        message: 'Network',
        flag: '--vpc',
        choices: [
          { value: 'create', name: 'a new VPC', about: 'three private subnets in three zones, no way out' },
          { value: 'existing', name: 'an existing VPC', about: 'its private subnets are found; rsds never changes it' },
        ],
      });
      const message = 'Its id (vpc-…) or name';
      vpc = kind === 'create' ? 'create' : await prompter.text({ message, flag: '--vpc', validate: this.#vpcFault });
    }
    if (vpc !== undefined) this.#set('network.vpc', vpcChoice(vpc));
    if (vpc !== undefined && vpc !== 'create') return;
    await this.#text(
      'network.vpcCidr',
      this.#flags.vpcCidr,
      '--vpc-cidr',
      'Its address block',
      defaults.network.vpcCidr,
    );
  }

  readonly #vpcFault = (vpc: string) => this.#faultOf('network.vpc', vpcChoice(vpc));

  async #environments(): Promise<void> {
    let names = this.#flags.environments;
    if (names.length === 0 && this.#asks) {
      const message = 'Environments, with commas';
      const answer = await this.#context.prompter.text({ message, flag: '--environments', default: 'dev, prod' });
      names = words(answer);
    }
    if (names.length === 0) return;
    this.#answers = { ...this.#answers, environments: Object.fromEntries(names.map((name) => [name, {}])) };
  }

  async #required(path: string, given: string | undefined, flag: string, message: string, preset: string | undefined) {
    if (given !== undefined) return this.#set(path, given);
    const validate = (answer: string) => this.#faultOf(path, answer);
    this.#set(path, await this.#context.prompter.text({ message, flag, default: preset, validate }));
  }

  async #text(path: string, given: string | undefined, flag: string, message: string, preset: string): Promise<void> {
    if (given !== undefined) return this.#set(path, given);
    if (!this.#asks) return;
    const validate = (answer: string) => this.#faultOf(path, answer);
    this.#set(path, await this.#context.prompter.text({ message, flag, default: preset, validate }));
  }

  async #list(path: string, given: readonly string[], flag: string, message: string, preset: readonly string[]) {
    if (given.length > 0) return this.#set(path, given);
    if (!this.#asks) return;
    const validate = (answer: string) => this.#faultOf(path, words(answer));
    const asked = { message, flag, default: preset.join(', '), validate };
    this.#set(path, words(await this.#context.prompter.text(asked)));
  }

  async #number(path: string, given: number | undefined, flag: string, message: string, preset: number): Promise<void> {
    if (given !== undefined) return this.#set(path, given);
    if (!this.#asks) return;
    const validate = (answer: number) => this.#faultOf(path, answer);
    this.#set(
      path,
      await this.#context.prompter.integer({ message, flag, default: preset, min: 0, max: 1024, validate }),
    );
  }

  #set(path: string, value: unknown): void {
    if (value !== undefined) this.#answers = withAnswer(this.#answers, path, value);
  }

  /** What the configuration's own rules have against an answer, beside those before it. */
  async #faultOf(path: string, value: unknown): Promise<string | undefined> {
    const answers = withAnswer(this.#answers, path, value);
    try {
      await check(await initText(answers), answers);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const fault = error.faults.find((each) => each.path === path || each.path?.startsWith(`${path}[`));
      return fault && [fault.message, fault.hint].filter(Boolean).join('. ');
    }
  }
}

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);

const vpcChoice = (text: string) =>
  text === 'create' ? 'create' : text.startsWith('vpc-') ? { id: text } : { name: text };

/** The answers with one more; `path` is dotted, as in the file. */
function withAnswer(answers: InitAnswers, path: string, value: unknown): InitAnswers {
  const [group, key] = path.split('.') as [keyof InitAnswers, string | undefined];
  if (key === undefined) return { ...answers, [group]: value };
  const before = answers[group];
  return { ...answers, [group]: { ...(typeof before === 'object' ? before : {}), [key]: value } };
}
