/** What the vantage point of test instances is given. */
import type { Aws } from '../../aws/aws.ts';
import type { Desired } from '../../model/desired.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';

export interface InstancesOptions {
  readonly aws: Aws;
  readonly desired: Desired;
  readonly clock: Clock;
  readonly random: Random;
  /** Names the run; everything that is made for it has it in a tag. */
  readonly run: string;
  /** What is being done or waited for, one line each. */
  tell(line: string): void;
}
