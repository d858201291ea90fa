/** A project whose environment stands and can be connected to from here: verbs run in real time, as on a command line. */
import { onTestFinished } from 'vitest';
import type { LocalAddresses } from '../../src/commands/context.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { type Live, openLive } from './live.ts';
import { type Project, projectIn, type Ran, type VerbOptions } from './project.ts';
import type { StandingProject } from './standing.ts';

export interface LiveProject {
  readonly live: Live;
  readonly project: Project;
  /** Runs a verb with what is served on this machine within reach. */
  run(name: string, how?: VerbOptions): Promise<Ran>;
  /** Lets the account's time pass, seen before and after as it would be all along. */
  minutes(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startLiveProject(standing: StandingProject, speed = 600): Promise<LiveProject> {
  const live = await openLive(standing.saved, speed);
  const { simulator } = live;
  const project = projectIn({ clock: new RealClock(speed), simulator, seed: 1 }, standing);
  const localAddresses: LocalAddresses = {
    find: async (dnsName, port) =>
      (await simulator.addresses()).find((one) => one.dnsName === dnsName && one.port === port)?.local,
  };
  return {
    live,
    project,
    run: (name, how = {}) => project.run(name, { localAddresses, ...how }),
    minutes: async (count) => {
      await simulator.addresses();
      simulator.world.skip(count * 60_000);
      await simulator.addresses();
    },
    close: () => project.close(),
  };
}

/** Closed with the running test. */
export async function openLiveProject(standing: StandingProject, speed = 600): Promise<LiveProject> {
  const opened = await startLiveProject(standing, speed);
  onTestFinished(() => opened.close());
  return opened;
}
