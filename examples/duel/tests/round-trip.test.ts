import { expect, it } from 'vitest';
import { RoundTrip } from '../src/round-trip';

/** Two ends whose clocks began at different times. `trip` is there and back in so many ms, and held at the other end meanwhile. */
function open() {
  const [ours, theirs] = [new RoundTrip(), new RoundTrip()];
  const [OUR_START, THEIR_START] = [1_000, 777_000];
  let nowMs = 0;
  const trip = (ms: number, heldMs = 0) => {
    const there = ours.stamp(OUR_START + nowMs);
    nowMs += ms / 2;
    theirs.heard(there, THEIR_START + nowMs);
    nowMs += heldMs;
    const back = theirs.stamp(THEIR_START + nowMs);
    nowMs += ms / 2;
    const hear = () => ours.heard(back, OUR_START + nowMs);
    hear();
    return { again: hear };
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { ours, trip, pass };
}

it('is the time there and back, to a tenth of a millisecond, without what the other end held it', () => {
  const { ours, trip } = open();
  expect(ours.ms).toBeNull();
  trip(40.2, 500);
  expect(ours.ms).toBeCloseTo(40.2, 5);
});

it('follows a change by a tenth of it with each packet', () => {
  const { ours, trip } = open();
  for (const ms of [40, 140, 150]) trip(ms);
  expect(ours.ms).toBeCloseTo(60, 5);
});

it('is forgotten where the path is another', () => {
  const { ours, trip } = open();
  trip(40);
  ours.reset();
  expect(ours.ms).toBeNull();
  trip(90);
  expect(ours.ms).toBeCloseTo(90, 5);
});

it('takes each echo once, and none that comes behind a newer one', () => {
  const { ours, trip, pass } = open();
  const first = trip(40);
  pass(1_000);
  first.again();
  expect(ours.ms).toBeCloseTo(40, 5);
  trip(40);
  first.again();
  expect(ours.ms).toBeCloseTo(40, 5);
});

it('takes nothing that waited longer than five seconds on the way: that was an outage', () => {
  const { ours, trip } = open();
  trip(40);
  trip(5_001);
  expect(ours.ms).toBeCloseTo(40, 5);
  trip(5_000);
  expect(ours.ms).toBeCloseTo(536, 5);
});

it('takes an echo that was held for as long as its packet can say, and none that was held for longer', () => {
  const { ours, trip } = open();
  trip(40, 6_553.6);
  expect(ours.ms).toBeNull();
  trip(40, 6_553.5);
  expect(ours.ms).toBeCloseTo(40, 5);
});
