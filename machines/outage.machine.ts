import { assign, emit, setup } from 'xstate';
import type { Failure } from './failure';

/** What the connection machine reports to the outage machine. */
export type OutageEvent =
  | { type: 'opened' }
  | { type: 'up' }
  | { type: 'suspect' }
  | { type: 'asked' }
  | { type: 'failed'; failure: Failure }
  | { type: 'left'; failure: Failure };

/** The events for the game. `close`: a link that was open has ended. */
export type Announcement =
  | { type: 'open' }
  | { type: 'lost' }
  | { type: 'restored' }
  | { type: 'close' }
  | { type: 'failed'; failure: Failure }
  | { type: 'closed'; reason: 'peer-left' };

const failureOf = (event: OutageEvent): Failure => {
  if ('failure' in event) return event.failure;
  // Never reached: only events with a failure run `announceFailed`.
  throw new Error(event.type);
};

/**
 * Tracks one outage at a time: `none → pending → told`. `unborn` and `opened` come before the link is first up, `over` and `reopened` after it
 * failed. It is separate from the connection machine so that state changes during an outage neither lose nor repeat an event for the game.
 * `isAsked`: the game asked for a restart and must get exactly one `restored` or `failed`.
 */
export const outageMachine = setup({
  types: {} as {
    context: { graceMs: number; isAsked: boolean };
    input: { graceMs: number };
    events: OutageEvent;
    emitted: Announcement;
  },
  actions: {
    announceOpen: emit({ type: 'open' }),
    announceLost: emit({ type: 'lost' }),
    announceRestored: emit({ type: 'restored' }),
    announceClose: emit({ type: 'close' }),
    announceFailed: emit(({ event }) => ({ type: 'failed' as const, failure: failureOf(event) })),
    announceClosed: emit({ type: 'closed', reason: 'peer-left' }),
    noteAsked: assign({ isAsked: true }),
    noteAnswered: assign({ isAsked: false }),
  },
  guards: { isAsked: ({ context }) => context.isAsked },
  delays: { disconnectGrace: ({ context }) => context.graceMs },
}).createMachine({
  id: 'outage',
  context: ({ input }) => ({ graceMs: input.graceMs, isAsked: false }),
  initial: 'unborn',
  on: { asked: { actions: 'noteAsked' } },
  states: {
    unborn: {
      on: {
        opened: { target: 'opened', actions: 'announceOpen' },
        up: [
          { guard: 'isAsked', target: 'none', actions: ['announceOpen', 'announceRestored', 'noteAnswered'] },
          { target: 'none', actions: 'announceOpen' },
        ],
        failed: { target: 'over', actions: ['announceFailed', 'noteAnswered'] },
        left: { target: 'gone', actions: ['announceFailed', 'announceClosed'] },
      },
    },
    opened: {
      on: {
        up: [
          { guard: 'isAsked', target: 'none', actions: ['announceRestored', 'noteAnswered'] },
          { target: 'none' },
        ],
        failed: { target: 'over', actions: ['announceClose', 'announceFailed', 'noteAnswered'] },
        left: { target: 'gone', actions: ['announceClose', 'announceFailed', 'announceClosed'] },
      },
    },
    none: {
      on: {
        up: { guard: 'isAsked', actions: ['announceRestored', 'noteAnswered'] },
        suspect: { target: 'pending' },
        failed: { target: 'over', actions: ['announceClose', 'announceFailed', 'noteAnswered'] },
        left: [
          {
            guard: 'isAsked',
            target: 'gone',
            actions: ['announceClose', 'announceFailed', 'announceClosed'],
          },
          { target: 'gone', actions: ['announceClose', 'announceClosed'] },
        ],
      },
    },
    pending: {
      after: { disconnectGrace: { target: 'told', actions: 'announceLost' } },
      on: {
        up: [
          { guard: 'isAsked', target: 'none', actions: ['announceRestored', 'noteAnswered'] },
          { target: 'none' },
        ],
        failed: { target: 'over', actions: ['announceClose', 'announceFailed', 'noteAnswered'] },
        left: [
          {
            guard: 'isAsked',
            target: 'gone',
            actions: ['announceClose', 'announceFailed', 'announceClosed'],
          },
          { target: 'gone', actions: ['announceClose', 'announceClosed'] },
        ],
      },
    },
    told: {
      on: {
        up: { target: 'none', actions: ['announceRestored', 'noteAnswered'] },
        failed: { target: 'over', actions: ['announceClose', 'announceFailed', 'noteAnswered'] },
        left: { target: 'gone', actions: ['announceClose', 'announceFailed', 'announceClosed'] },
      },
    },
    over: {
      on: {
        opened: { target: 'reopened', actions: 'announceOpen' },
        up: { target: 'none', actions: ['announceOpen', 'announceRestored', 'noteAnswered'] },
        // The other end revived the link and it failed again: the game already got `failed` and nothing since, so only an asked restart is answered.
        failed: { guard: 'isAsked', actions: ['announceFailed', 'noteAnswered'] },
        left: [
          { guard: 'isAsked', target: 'gone', actions: ['announceFailed', 'announceClosed'] },
          { target: 'gone', actions: 'announceClosed' },
        ],
      },
    },
    reopened: {
      on: {
        up: { target: 'none', actions: ['announceRestored', 'noteAnswered'] },
        failed: { target: 'over', actions: ['announceClose', 'announceFailed', 'noteAnswered'] },
        left: { target: 'gone', actions: ['announceClose', 'announceFailed', 'announceClosed'] },
      },
    },
    gone: { type: 'final' },
  },
});
