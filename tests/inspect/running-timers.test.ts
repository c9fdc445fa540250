import { describe, expect, it } from 'vitest';
import { RunningTimers } from '../../src/inspect/running-timers';

const PATIENCE = 'xstate.after.patience.connection.checking';
const BACKOFF = 'xstate.after.backoff.connection.restarting.waiting';

const patience = { name: 'patience', state: 'checking', ms: 1_000, ofMs: 1_000 };
const backoff = { name: 'backoff', state: 'restarting.waiting', ms: 300, ofMs: 300 };

/** Both delays, started at 0. */
function startBoth() {
  const timers = new RunningTimers();
  timers.note('xstate.raise', { id: PATIENCE, delay: 1_000 }, 0);
  timers.note('xstate.raise', { id: BACKOFF, delay: 300 }, 0);
  return timers;
}

describe('the running delays', () => {
  it('are in the order in which they started', () => {
    expect(startBoth().at(0)).toEqual([patience, backoff]);
    expect(new RunningTimers().at(0)).toEqual([]);
  });

  it('have their remaining time in whole ms, and never less than zero', () => {
    expect(startBoth().at(299.4)).toEqual([
      { ...patience, ms: 701 },
      { ...backoff, ms: 1 },
    ]);
    expect(startBoth().at(5_000)).toEqual([
      { ...patience, ms: 0 },
      { ...backoff, ms: 0 },
    ]);
  });

  it('have their length in whole ms', () => {
    const timers = new RunningTimers();
    timers.note('xstate.raise', { id: BACKOFF, delay: 300.4 }, 1_000);
    expect(timers.at(1_100)).toEqual([{ ...backoff, ms: 200 }]);
  });

  it('start again at the end of the list', () => {
    const timers = startBoth();
    timers.note('xstate.raise', { id: PATIENCE, delay: 2_000 }, 100);
    expect(timers.at(100)).toEqual([
      { ...backoff, ms: 200 },
      { ...patience, ms: 2_000, ofMs: 2_000 },
    ]);
  });

  it('end when they run out, or are cancelled', () => {
    const timers = startBoth();
    timers.end(PATIENCE);
    expect(timers.at(0)).toEqual([backoff]);
    timers.note('xstate.cancel', { sendId: BACKOFF }, 0);
    expect(timers.at(0)).toEqual([]);
  });

  it.each([
    ['another action', 'xstate.emit', { id: PATIENCE, delay: 1, sendId: BACKOFF }],
    ['an event without a delay', 'xstate.raise', { id: PATIENCE, sendId: BACKOFF }],
    ['an event without an id', 'xstate.raise', { delay: 1, sendId: BACKOFF }],
    ['a delay that is a name', 'xstate.raise', { id: PATIENCE, delay: 'patience' }],
    ['a list as id', 'xstate.raise', { id: [PATIENCE], delay: 1 }],
    ['an event that is not a delay of a state', 'xstate.raise', { id: 'link.up', delay: 1 }],
    ['the cancelling of another event', 'xstate.cancel', { sendId: 'link.up', id: PATIENCE }],
    ['nothing', 'xstate.raise', undefined],
  ])('are not changed by %s', (_name, type, params) => {
    const timers = startBoth();
    timers.note(type, params, 100);
    timers.note(type, params, 100);
    expect(timers.at(0)).toEqual([patience, backoff]);
  });
});
