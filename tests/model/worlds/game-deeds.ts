/** What games and their players do. */
import fc from 'fast-check';
import type { Page } from '../../../src/testing/fake-network';
import { type Deed, keepsUp, ms, page, weighed } from './deed';
import { otherOf, type Universe } from './universe';

/** A game may ask again while it waits. */
export const ask = fc.tuple(page, fc.constantFrom(1, 1, 1, 2)).map(
  ([each, times]): Deed => ({
    name: `restart asked by ${each}${times > 1 ? ' twice' : ''}`,
    page: each,
    act: ({ players }) => {
      for (let asked = 0; asked < times; asked += 1) players[each]?.ask();
    },
  }),
);

/** A game asks, and the other player leaves before it is answered. */
export const askAndLeave = fc.tuple(page, ms(0, 40)).map(
  ([each, afterMs]): Deed => ({
    name: `restart asked by ${each}, and close() by the other after ${afterMs} ms`,
    isPossible: (model) => model.isAwake(0) && model.isAwake(1),
    act: async (universe) => {
      universe.players[each]?.ask();
      await universe.pass(afterMs);
      const other = otherOf(each);
      if (universe.presence[other] === 'here' && !universe.faults.isAsleep(other))
        await universe.leave(other);
    },
  }),
);

export const askTogether = fc.constant<Deed>({
  name: 'restart asked by both',
  isPossible: (model) => model.isAwake(0) && model.isAwake(1),
  act: ({ players }) => {
    for (const player of players) player?.ask();
  },
});

/** A blip that heals within the grace, with a request of the game inside it. */
export const askInGrace = fc.tuple(page, ms(900, 1_200), ms(10, 200)).map(
  ([each, afterMs, leftMs]): Deed => ({
    name: `cut for ${afterMs + leftMs} ms, with restart asked by ${each} after ${afterMs} ms`,
    page: each,
    act: async (universe) => {
      universe.faults.strike({ type: 'cut', from: null }, afterMs + leftMs);
      await universe.pass(afterMs);
      universe.players[each]?.ask();
    },
  }),
);

export const connectAgain = page.map(
  (each): Deed => ({
    name: `connectToPeer by ${each}`,
    page: each,
    // Out of `failed` it makes a new connection, as a new page does.
    isPossible: keepsUp(each),
    act: (universe) => universe.connect(each),
  }),
);

function closeGameChannel({ players, faults }: Universe, each: Page): void {
  const player = players[each];
  if (player?.kind !== 'holdfast') return;
  faults.note();
  player.tab.run(() => player.manager.dataChannel?.close());
}

export const closeChannel = page.map(
  (each): Deed => ({
    name: `game channel closed by ${each}`,
    page: each,
    isPossible: (model) => !model.isUpstream(each),
    act: (universe) => closeGameChannel(universe, each),
  }),
);

/** Recovery then waits a moment for a goodbye, and meanwhile the player returns to the page. */
export const closeChannelAndLook = fc.tuple(page, ms(10, 290)).map(
  ([each, afterMs]): Deed => ({
    name: `game channel closed by ${each}, and pageshow after ${afterMs} ms`,
    page: each,
    isPossible: (model) => !model.isUpstream(each),
    act: async (universe) => {
      closeGameChannel(universe, each);
      await universe.pass(afterMs);
      universe.seats[each].tell('window', 'pageshow');
    },
  }),
);

export const reload = fc
  .record({ each: page, awayMs: weighed([4, ms(100, 2_000)], [2, ms(2_000, 12_000)]), isCrash: fc.boolean() })
  .map(
    ({ each, awayMs, isCrash }): Deed => ({
      name: `${isCrash ? 'crash and ' : ''}reload of ${each} within ${awayMs} ms`,
      page: each,
      isPossible: keepsUp(each),
      act: (universe) => universe.reload(each, { awayMs, isCrash }),
    }),
  );

export const crash = page.map(
  (each): Deed => ({
    name: `crash of ${each}`,
    isPossible: (model) => model.isHere(each),
    act: (universe) => universe.vanish(each, 'crashed', true),
  }),
);

export const leave = page.map(
  (each): Deed => ({
    name: `close() by ${each}`,
    page: each,
    act: (universe) => universe.leave(each),
  }),
);
