import { expect } from 'vitest';

/** Waits until the value is as expected; the deadline only bounds a hang. */
export const soon = <Value>(read: () => Promise<Value>) =>
  expect.poll(read, { timeout: 30_000, interval: 50 });
