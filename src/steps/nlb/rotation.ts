/**
 * The pool's rotation: who takes new connections. A consumer that is to be changed leaves it first, waits for its
 * connections to end, and comes back when it is healthy; one at a time, so that clients always find another one.
 */
import type { TargetDescription, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ApplyIo, Change, Json, Look } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { RsdsError } from '../../shared/errors.ts';
import { change, type StepContext } from '../changes.ts';
import type { SqlTarget } from '../datashare/session.ts';
import { addressesOf } from '../endpoints/index.ts';
import { endpointsOf } from '../warehouse/lists.ts';
import { metricsEveryMs, settlingMs } from './connections.ts';
import { Drain, type DrainHow } from './drain.ts';

/** What a consumer's workgroup needs of it. */
export interface RotationOf {
  /** Whether it has to leave before it is changed: it takes connections, or an earlier run was interrupted while they ended. */
  mustLeave(look: Look, recorded: Readonly<Record<string, Json>> | undefined): Promise<boolean>;
  /** Whether this run has seen its connections end. */
  isOut(): boolean;
  /** `target`: where SQL can look who is connected. */
  leave(target: SqlTarget | undefined): Change;
}

const lookMs = 5_000;
const turnMsMax = 2 * 60 * 60_000;

export class Rotation {
  readonly #context: StepContext;
  readonly #how: DrainHow;
  readonly #out = new Set<string>();
  /** Who is out, or on the way. */
  #turn: string | undefined;

  constructor(context: StepContext, how: DrainHow = {}) {
    this.#context = context;
    this.#how = how;
  }

  /** A consumer is healthy behind the load balancer: the next one may leave. */
  back(short: string): void {
    if (this.#out.delete(short) && this.#turn === short) this.#turn = undefined;
  }

  of(warehouse: Warehouse): RotationOf {
    const { short } = warehouse;
    return {
      mustLeave: async (look, recorded) =>
        recorded?.rotation === 'leaving' || (await this.#registered(warehouse, look)).length > 0,
      isOut: () => this.#out.has(short),
      leave: (target) =>
        change(
          'deregister',
          `take ${short} out of the load balancer and let its connections end`,
          (io) => this.#leave(warehouse, target, io),
          { waitsForOthers: true },
        ),
    };
  }

  async #leave(warehouse: Warehouse, target: SqlTarget | undefined, io: ApplyIo): Promise<void> {
    const { short } = warehouse;
    const what = `the turn of ${short} to leave the load balancer`;
    const how = { everyMs: lookMs, timeoutMs: turnMsMax };
    const { arn, own } = await io.until(what, () => this.#takeTurn(warehouse, io), how);
    await io.remember({ rotation: 'leaving' });
    await io.permit();
    if (own.length > 0) await this.#context.aws.elb.deregisterTargets(arn, own);
    await this.#untilQuiet(warehouse, target, io);
    await io.remember({ rotation: 'out' });
    this.#out.add(short);
  }

  /** Its own registrations once it may leave: nobody else is out, and somebody else answers clients. */
  async #takeTurn(warehouse: Warehouse, io: ApplyIo): Promise<{ arn: string; own: TargetDescription[] } | undefined> {
    const { short } = warehouse;
    const turn = this.#turn;
    const failed = turn !== undefined && (io.hasFailed(`${turn}/workgroup`) || io.hasFailed(`${turn}/target`));
    if (turn !== short && failed)
      throw new RsdsError('step/failed', `${short} was left as it is: ${turn} did not come back`, {
        hint: 'run the same command again once that is mended; rsds diagnose says more',
      });
    const { arn, own, alone, othersHealthy } = await this.#targets(warehouse);
    if (own.length > 0 && !alone && !othersHealthy) return undefined;
    this.#turn ??= short;
    return this.#turn === short ? { arn, own } : undefined;
  }

  async #untilQuiet(warehouse: Warehouse, target: SqlTarget | undefined, io: ApplyIo): Promise<void> {
    const drain = new Drain(this.#context.aws, warehouse, this.#how);
    const passed = async () => {
      const state = await drain.state();
      return state === 'quiet' || state === 'unclear' ? state : undefined;
    };
    await passed();
    const what = `the work of clients on ${warehouse.short}, which gets no new connections,`;
    const how = { firstMs: settlingMs, everyMs: metricsEveryMs, timeoutMs: drain.timeoutMs };
    const state = await io.until(what, passed, how);
    if (state === 'unclear' && target) await drain.finish(io, target);
  }

  async #registered(warehouse: Warehouse, look: Look): Promise<readonly string[]> {
    const { aws, desired } = this.#context;
    const group = await look.once('elb/target-group', () => aws.elb.targetGroup(desired.names.targetGroup));
    if (!group) return [];
    const health = await look.once('elb/targets', () => aws.elb.targetHealth(group.TargetGroupArn ?? ''));
    const own = (await endpointsOf(this.#context, look))
      .filter(({ endpointName }) => endpointName === desired.names.endpoint(warehouse.short))
      .flatMap(addressesOf);
    return activeIn(health, own).map(({ Target }) => Target?.Id ?? '');
  }

  async #targets({ short }: Warehouse) {
    const { aws, desired } = this.#context;
    const arn = (await aws.elb.targetGroup(desired.names.targetGroup))?.TargetGroupArn ?? '';
    const [health, endpoints] = await Promise.all([
      arn === '' ? [] : aws.elb.targetHealth(arn),
      aws.serverless.listEndpointAccess(),
    ]);
    const addressesFor = (one: string) =>
      endpoints.filter(({ endpointName }) => endpointName === desired.names.endpoint(one)).flatMap(addressesOf);
    const own = activeIn(health, addressesFor(short));
    const others = desired.consumers.filter((one) => one.short !== short).flatMap((one) => addressesFor(one.short));
    return {
      arn,
      own: own.map(({ Target }) => ({ Id: Target?.Id ?? '', Port: Target?.Port ?? 0 })),
      /** No other consumer stands: clients have nobody else in any case. */
      alone: others.length === 0,
      othersHealthy: activeIn(health, others).some(({ TargetHealth }) => TargetHealth?.State === 'healthy'),
    };
  }
}

const activeIn = (health: readonly TargetHealthDescription[], addresses: readonly string[]) =>
  health.filter(
    ({ Target, TargetHealth }) => addresses.includes(Target?.Id ?? '') && TargetHealth?.State !== 'draining',
  );
