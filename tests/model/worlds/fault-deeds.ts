/** What a network, a relay and a browser do to two players. */
import fc from 'fast-check';
import { type Deed, ms, page, weighed } from './deed';
import type { Fault } from './faults';
import type { PageEventTarget } from './tab';

/** How long a fault lasts: below the grace, below the 5 s timer, above it, above what browsers survive, and above all attempts. */
const spell = weighed(
  [4, ms(20, 900)],
  [6, ms(900, 5_000)],
  [6, ms(5_000, 16_000)],
  [2, ms(16_000, 45_000)],
  [1, ms(45_000, 120_000)],
);
const share = fc.constantFrom(0.1, 0.3, 0.6);

const fault: fc.Arbitrary<Fault> = weighed<Fault>(
  [6, fc.constant<Fault>({ type: 'cut', from: null })],
  [3, page.map((from): Fault => ({ type: 'cut', from }))],
  [2, share.map((each): Fault => ({ type: 'loss', share: each }))],
  [1, ms(20, 400).map((delay): Fault => ({ type: 'delay', ms: delay }))],
  [3, fc.constant<Fault>({ type: 'only relays' })],
  [
    1,
    fc
      .constantFrom('down' as const, 'refuses' as const)
      .map((answer): Fault => ({ type: 'no relays', answer })),
  ],
  [
    4,
    fc
      .record({
        loss: fc.constantFrom(0, 0.3, 1),
        duplication: fc.constantFrom(0, 0.5),
        delayMs: fc.constantFrom(0, 60, 400, 3_000),
        jitterMs: fc.constantFrom(0, 100, 1_500),
      })
      .map((signaling): Fault => ({ type: 'signaling', ...signaling })),
  ],
  [2, fc.record({ page, isKnown: fc.boolean() }).map((socket): Fault => ({ type: 'socket', ...socket }))],
  [2, page.map((each): Fault => ({ type: 'offline', page: each }))],
  [
    2,
    fc
      .record({ page, isDeep: fc.boolean(), isTold: fc.boolean() })
      .map((frozen): Fault => ({ type: 'frozen', ...frozen })),
  ],
  [1, page.map((each): Fault => ({ type: 'hidden', page: each }))],
  [1, page.map((each): Fault => ({ type: 'picky', page: each }))],
);

export const strike = fc.tuple(fault, spell).map(
  ([each, forMs]): Deed => ({
    name: `${Object.values(each).join(' ')} for ${forMs} ms`,
    act: ({ faults }) => faults.strike({ ...each }, forMs),
  }),
);

/** Both directions are cut, and the sockets too. */
export const blackout = fc.tuple(spell, fc.boolean()).map(
  ([forMs, isKnown]): Deed => ({
    name: `blackout for ${forMs} ms${isKnown ? ', known' : ''}`,
    act: ({ faults }) => {
      faults.strike({ type: 'cut', from: null }, forMs);
      for (const each of [0, 1] as const) faults.strike({ type: 'socket', page: each, isKnown }, forMs);
    },
  }),
);

export const flapping = fc.record({ times: ms(2, 8), forMs: ms(300, 3_000) }).map(
  ({ times, forMs }): Deed => ({
    name: `flapping ${times} times, ${forMs} ms each`,
    act: ({ faults }) => {
      for (let round = 0; round < times; round += 1)
        faults.strikeLater(2 * round * forMs, { type: 'cut', from: null }, forMs);
    },
  }),
);

export const move = page.map(
  (each): Deed => ({
    name: `another address for ${each}`,
    page: each,
    act: ({ faults, seats }) => {
      faults.note();
      for (const pc of seats[each].openConnections) pc.moveAway();
    },
  }),
);

export const relayRestart = fc.constant<Deed>({
  name: 'restart of the relay',
  act: ({ faults, relay }) => {
    faults.note();
    relay.restart();
  },
});

/** Events that browsers fire although nothing happened. */
export const falseAlarm = fc
  .tuple(
    page,
    fc.constantFrom<[PageEventTarget, string]>(
      ['connection', 'change'],
      ['window', 'pageshow'],
      ['document', 'visibilitychange'],
    ),
  )
  .map(
    ([each, [target, type]]): Deed => ({
      name: `${type} at ${each}`,
      page: each,
      act: ({ seats }) => seats[each].tell(target, type),
    }),
  );

/** Only signaling is left, until one end or both have given up. */
export const longCut = ms(24_000, 60_000).map(
  (forMs): Deed => ({
    name: `nothing but signaling for ${forMs} ms`,
    act: async (universe) => {
      universe.faults.strike({ type: 'cut', from: null }, forMs);
      await universe.pass(forMs / 2);
    },
  }),
);
