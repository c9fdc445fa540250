import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { diagnose, type OutageEvent, outageMachine } from '../../machines';
import { startConnection } from './world';

const { context } = startConnection();
const failure = diagnose(
  { cause: null, attempts: 0, outageAttempts: 0, evidence: context.evidence },
  'no-plan',
);

type Word = OutageEvent['type'] | 'grace';

const toEvent = (type: OutageEvent['type']): OutageEvent =>
  type === 'failed' || type === 'left' ? { type, failure } : { type };

/** What a sequence of reports announces to the game; `grace` lets half a second pass. */
function tell(...words: Word[]): string[] {
  const clock = new SimulatedClock();
  const told: string[] = [];
  const actor = createActor(outageMachine, { clock, input: { graceMs: 500 } }).start();
  actor.on('*', ({ type }) => told.push(type));
  for (const word of words) {
    if (word === 'grace') clock.increment(500);
    else if (actor.getSnapshot().status === 'active') actor.send(toEvent(word));
  }
  return told;
}

describe('before the first link', () => {
  it.each([
    ['nothing for a suspicion', ['suspect', 'grace'], []],
    ['open with the channel', ['opened', 'up'], ['open']],
    ['open with the link', ['up'], ['open']],
    ['only failed', ['failed'], ['failed']],
    ['failed before closed when the peer leaves', ['left'], ['failed', 'closed']],
    ['restored if the game asked', ['asked', 'opened', 'up'], ['open', 'restored']],
    ['failed once if the game asked', ['asked', 'failed'], ['failed']],
    ['close for a channel that was announced open', ['opened', 'failed'], ['open', 'close', 'failed']],
  ] satisfies [string, Word[], string[]][])('announces %s', (_name, words, told) => {
    expect(tell(...words)).toEqual(told);
  });
});

describe('an outage', () => {
  const up: Word[] = ['opened', 'up'];

  it.each([
    ['nothing for a blip', ['suspect', 'up', 'grace'], []],
    ['lost after the grace', ['suspect', 'grace'], ['lost']],
    ['lost once, however many suspicions', ['suspect', 'suspect', 'grace', 'suspect', 'grace'], ['lost']],
    ['restored after lost', ['suspect', 'grace', 'up'], ['lost', 'restored']],
    ['restored once', ['suspect', 'grace', 'up', 'up'], ['lost', 'restored']],
    ['close before failed', ['suspect', 'grace', 'failed'], ['lost', 'close', 'failed']],
    ['failed without lost within the grace', ['suspect', 'failed', 'grace'], ['close', 'failed']],
    ['restored if the game asked on a live link', ['asked', 'up'], ['restored']],
    ['restored if the game asked within the grace', ['suspect', 'asked', 'up'], ['restored']],
    [
      'restored once if the game asked after lost',
      ['suspect', 'grace', 'asked', 'asked', 'up'],
      ['lost', 'restored'],
    ],
    ['closed when the peer leaves a live link', ['left'], ['close', 'closed']],
    ['only closed when the peer leaves within the grace', ['suspect', 'left', 'grace'], ['close', 'closed']],
    [
      'failed before closed if lost was announced',
      ['suspect', 'grace', 'left'],
      ['lost', 'close', 'failed', 'closed'],
    ],
    ['failed before closed if the game asked', ['asked', 'left'], ['close', 'failed', 'closed']],
  ] satisfies [string, Word[], string[]][])('announces %s', (_name, words, told) => {
    expect(tell(...up, ...words)).toEqual(['open', ...told]);
  });

  it('starts again after each restored', () => {
    const outage: Word[] = ['suspect', 'grace', 'up'];
    expect(tell(...up, ...outage, ...outage)).toEqual(['open', 'lost', 'restored', 'lost', 'restored']);
  });
});

describe('after a failed link', () => {
  const failed: Word[] = ['opened', 'up', 'failed'];

  it.each([
    ['open and restored', ['up'], ['open', 'restored']],
    ['open as soon as the channel is open', ['opened', 'up'], ['open', 'restored']],
    ['no lost', ['suspect', 'grace'], []],
    ['failed again if the game asked', ['asked', 'failed'], ['failed']],
    ['closed when the peer leaves', ['left'], ['closed']],
    ['failed before closed if the game asked', ['asked', 'left'], ['failed', 'closed']],
    ['close for a channel that was announced open again', ['opened', 'failed'], ['open', 'close', 'failed']],
  ] satisfies [string, Word[], string[]][])('announces %s', (_name, words, told) => {
    expect(tell(...failed, ...words)).toEqual(['open', 'close', 'failed', ...told]);
  });
});

describe('any sequence of reports', () => {
  const words = fc.constantFrom<Word>('opened', 'up', 'suspect', 'asked', 'failed', 'left', 'grace');

  it('pairs lost with one restored or failed, open with close, and announces nothing after closed', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (sequence) => {
        let [isOpen, isLost] = [false, false];
        const told = tell(...sequence);
        for (const word of told) {
          if (word === 'open') expect(isOpen).toBe(false);
          if (word === 'lost') expect([isOpen, isLost]).toEqual([true, false]);
          if (word === 'close') expect(isOpen).toBe(true);
          if (word === 'failed') expect(isOpen).toBe(false);
          if (word === 'open') isOpen = true;
          if (word === 'close') isOpen = false;
          if (word === 'lost') isLost = true;
          if (word === 'restored' || word === 'failed') isLost = false;
        }
        if (told.includes('closed'))
          expect([told.indexOf('closed'), isLost]).toEqual([told.length - 1, false]);
      }),
      { numRuns: 500 },
    );
  });

  it('answers a game that asked exactly once', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 20 }), fc.array(words, { maxLength: 20 }), (before, after) => {
        const isGone = tell(...before).includes('closed');
        fc.pre(!isGone);
        const answers = (sequence: Word[]) =>
          tell(...sequence).filter((word) => word === 'restored' || word === 'failed').length;
        const first = after.findIndex((word) => word === 'up' || word === 'failed' || word === 'left');
        const known = answers([...before, 'asked']);
        expect(known).toBe(answers(before));
        const isAnswered = first >= 0;
        expect(answers([...before, 'asked', ...after.slice(0, first + 1)]) - known).toBe(isAnswered ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});
