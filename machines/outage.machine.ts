import { assign, emit, setup } from 'xstate';
import type { Failure } from './failure';

/** What the connection machine reports; each is a transition of its own. */
export type OutageEvent =
  | { type: 'opened' }
  | { type: 'up' }
  | { type: 'suspect' }
  | { type: 'asked' }
  | { type: 'failed'; failure: Failure }
  | { type: 'left'; failure: Failure };

/** What the game is told, each once. `close`: a link that was open has ended. */
export type Announcement =
  | { type: 'open' }
  | { type: 'lost' }
  | { type: 'restored' }
  | { type: 'close' }
  | { type: 'failed'; failure: Failure }
  | { type: 'closed'; reason: 'peer-left' };

const failureOf = (event: OutageEvent): Failure => {
  if ('failure' in event) return event.failure;
  // Never reached: `announceFailed` stands only on events with a failure.
  throw new Error(event.type);
};

/**
 * The outage: `none → pending → told`, and what lies before the first link (`unborn`, `opened`) and after a given-up one (`over`,
 * `reopened`). It stands beside the connection machine so that a change of state inside an outage neither loses nor repeats an
 * announcement. `isAsked`: the game asked for a restart and is owed exactly one `restored` or `failed`.
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
        // Revived by the other end and given up again: the game was told, and has not heard of the link since.
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
