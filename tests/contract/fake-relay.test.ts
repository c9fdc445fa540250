import { vi } from 'vitest';
import { FakeRelay } from '../../src/testing/fake-relay';
import { FakeSocket } from '../../src/testing/fake-socket';
import { Timers } from '../../src/testing/timers';
import { describeRelay } from '../support/relay-acceptance';

describeRelay('the fake relay', async () => {
  vi.useFakeTimers();
  const timers = new Timers();
  const relay = new FakeRelay(timers, () => 0.5);
  return {
    connect: async () => new FakeSocket(relay, timers),
    restart: async () => relay.restart(),
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
    dispose: async () => {
      timers.clear();
      vi.useRealTimers();
    },
  };
});
