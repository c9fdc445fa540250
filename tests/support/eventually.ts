import { expect, vi } from 'vitest';

/** Bounds a hang; with fake timers, which vitest moves while it waits, it takes no real time. */
export const DEADLINE_MS = 15_000;

/** Retries until the assertion holds. */
export const eventually = (assertion: () => void | Promise<void>) =>
  vi.waitFor(assertion, { timeout: DEADLINE_MS, interval: 5 });

/** Awaits a promise that may need fake timers to move. */
export async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  let isSettled = false;
  const note = () => {
    isSettled = true;
  };
  promise.then(note, note);
  await eventually(() => expect(isSettled).toBe(true));
  return promise;
}
