import { expect, it } from 'vitest';
import { RoundTrip } from '../src/round-trip';

/** Two ends whose clocks started at different times. `trip` takes so many ms there and back, plus the time that the other end holds the packet. */
function open(ourStartMs = 1_000, theirStartMs = 777_000) {
  const [ours, theirs] = [new RoundTrip(), new RoundTrip()];
  let nowMs = 0;
  const trip = (ms: number, heldMs = 0) => {
    const there = ours.stamp(ourStartMs + nowMs);
    nowMs += ms / 2;
    theirs.heard(there, theirStartMs + nowMs);
    nowMs += heldMs;
    const back = theirs.stamp(theirStartMs + nowMs);
    nowMs += ms / 2;
    const hear = () => ours.heard(back, ourStartMs + nowMs);
    hear();
    return { again: hear };
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { ours, trip, pass };
}

it('is the time there and back, to a tenth of a millisecond, without the time at the other end', () => {
  const { ours, trip } = open();
  expect(ours.ms).toBeNull();
  trip(40.2, 500);
  expect(ours.ms).toBeCloseTo(40.2, 5);
});

it('follows a change by a tenth with each packet', () => {
  const { ours, trip } = open();
  for (const ms of [40, 140, 150]) trip(ms);
  expect(ours.ms).toBeCloseTo(60, 5);
});

it('is forgotten when the path changes', () => {
  const { ours, trip } = open();
  trip(40);
  ours.reset();
  expect(ours.ms).toBeNull();
  trip(90);
  expect(ours.ms).toBeCloseTo(90, 5);
});

it('uses each echo once, and none that arrives after a newer one', () => {
  const { ours, trip, pass } = open();
  const first = trip(40);
  pass(1_000);
  first.again();
  expect(ours.ms).toBeCloseTo(40, 5);
  trip(40);
  first.again();
  expect(ours.ms).toBeCloseTo(40, 5);
});

it('ignores packets that took longer than five seconds, because that was an outage', () => {
  const { ours, trip } = open();
  trip(40);
  trip(5_001);
  expect(ours.ms).toBeCloseTo(40, 5);
  trip(5_000);
  expect(ours.ms).toBeCloseTo(536, 5);
});

it('uses an echo that was held for as long as its packet can express, but not longer', () => {
  const { ours, trip } = open();
  trip(40, 6_553.6);
  expect(ours.ms).toBeNull();
  trip(40, 6_553.5);
  expect(ours.ms).toBeCloseTo(40, 5);
});

const DAY_MS = 86_400_000;
/** A clock in tenths of a millisecond wraps in 32 bits after nearly five days. */
const ROUND_MS = 2 ** 32 / 10;

it("works across the wrap of a page's clock", () => {
  const { ours, trip } = open(ROUND_MS - 100);
  trip(40);
  for (let packet = 0; packet < 4; packet++) trip(90);
  ours.reset();
  trip(90);
  expect(ours.ms).toBeCloseTo(90, 5);
});

it("works across the wrap of both pages' clocks", () => {
  const { ours, trip } = open(ROUND_MS - 100, ROUND_MS - 100);
  for (let packet = 0; packet < 4; packet++) trip(40);
  ours.reset();
  trip(90);
  expect(ours.ms).toBeCloseTo(90, 5);
});

it('works for pages that were open for days before they met', () => {
  const { ours, trip } = open(4 * DAY_MS, 4 * DAY_MS);
  trip(40);
  expect(ours.ms).toBeCloseTo(40, 5);
});
