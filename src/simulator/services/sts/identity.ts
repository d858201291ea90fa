/** Who is asking (F-23): every access key is taken as valid, because the simulator's credentials are fake. */
import type { Call } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';

interface Session {
  readonly arn: string;
  readonly userId: string;
}

/** Temporary credentials that were given out, by access key id. */
interface StsState {
  readonly sessions: Record<string, Session>;
}

export const stsSlot: Slot<StsState> = { name: 'sts', scope: 'global', initial: () => ({ sessions: {} }) };

const USER = { name: 'rsds', id: 'AIDARSDSSIMULATORUSER' } as const;

/** Lets an access key stand for a session that another service gave out. */
export function openSession(place: Place, accessKeyId: string, session: Session): void {
  place.world.state(stsSlot, place.region).sessions[accessKeyId] = session;
}

/** The identity behind an access key: a session that STS gave out, else the account's one user. */
export function principalOf(place: Place, accessKeyId: string): Call['principal'] {
  const session = place.world.state(stsSlot, place.region).sessions[accessKeyId];
  const user = { arn: `arn:aws:iam::${place.account}:user/${USER.name}`, userId: USER.id };
  return { ...(session ?? user), accessKeyId };
}
