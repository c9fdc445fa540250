import type { Link } from '../../src/peer/link';
import { Race } from '../../src/peer/race';

/** The members of a connection that a race uses. */
export function fakeRacer(number: number, { hasHeard = false, bornAtMs = 0, isUp = false } = {}) {
  const frames: string[] = [];
  const racer = {
    number,
    bornAtMs,
    isAnswered: true,
    isClosed: false,
    frames,
    pc: { iceConnectionState: isUp ? 'connected' : 'checking', connectionState: 'connecting' },
    control: { hasHeard, send: ({ type }: { type: string }) => void frames.push(type) },
    close() {
      racer.isClosed = true;
    },
  };
  return racer;
}

export type FakeRacer = ReturnType<typeof fakeRacer>;

/** A race whose first connection is `first`, on a clock of its own. */
export function startRace(first: FakeRacer) {
  const clock = { nowMs: 0 };
  const race = new Race(() => clock.nowMs);
  const asLink = (racer: FakeRacer) => racer as unknown as Link;
  race.add(asLink(first));
  return {
    race,
    clock,
    enter: (...racers: FakeRacer[]) => {
      for (const racer of racers) race.add(asLink(racer));
    },
    win: (racer: FakeRacer) => race.win(asLink(racer)),
    moved: (racer: FakeRacer) => race.moved(asLink(racer)),
    hasLost: (racer: FakeRacer) => race.hasLost(asLink(racer)),
    get numbers() {
      return race.all.map(({ number }) => number);
    },
  };
}
