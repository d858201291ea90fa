import type { Known, Resource } from '../../engine/resource.ts';
import type { KeySeen } from '../producer/key.ts';

/** With which key the namespaces are encrypted. */
export interface Encryption {
  readonly needs: readonly Resource[];
  /** Undefined: AWS's own key, or ours before it is made (then `needs` is not empty). */
  keyArn(known: Known): string | undefined;
}

export const awsOwned: Encryption = { needs: [], keyArn: () => undefined };

export const withKey = (arn: string): Encryption => ({ needs: [], keyArn: () => arn });

export const withOurKey = (key: Resource<KeySeen>): Encryption => ({
  needs: [key],
  keyArn: (known) => known.seen(key)?.arn,
});
