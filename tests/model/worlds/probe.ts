import { Violation } from './invariants';
import type { Player, Universe } from './universe';

/** Usually a round trip is enough; but received data proves only one direction, and Chromium keeps sending on a dead pair for 4.2 s. */
const PATIENCE_MS = 5_000;
const INTERVAL_MS = 100;
/** A suspicion takes the silence of the default preset, twice that on a lossy link. */
const HEARD_WITHIN_MS = 3_000;

/** What it sent before it gave up may still arrive seconds later, because SCTP keeps it. The end of the world checks whether both agree. */
const hasGivenUp = (player: Player) => player.kind === 'holdfast' && player.state === 'failed';

/**
 * *Restored* is never announced without data: if the world is whole then, messages arrive both ways soon after, unless something
 * happens meanwhile; if it is not, something was received just before.
 */
export function restoredCarriesData(universe: Universe, page: 0 | 1): void {
  const { faults, time, players, seats } = universe;
  const [here, there] = [players[page], players[page === 0 ? 1 : 0]];
  if (!here || !there) return;
  const told = here.seat.playerId;
  if (!faults.isWhole) {
    const heardAtMs = Math.max(
      0,
      ...seats[page].peerConnections.map(({ association }) => association.receivedAtMs),
    );
    const silentForMs = Date.now() - heardAtMs;
    if (here.kind === there.kind && !faults.isAnyAsleep && silentForMs > HEARD_WITHIN_MS)
      universe.broken(
        new Violation(restoredCarriesData.name, `player ${told} heard nothing for ${silentForMs} ms`),
      );
    return;
  }
  const { changes } = faults;
  const text = `probe ${time.nowMs} ${told}`;
  const ask = (leftMs: number) => {
    if (faults.changes !== changes || !universe.isPresent(here) || !universe.isPresent(there)) return;
    if (there.kind === 'upstream' && there.isDeaf) return;
    if ([here, there].some(hasGivenUp)) return;
    const missing = [here, there].filter(({ heard }) => !heard.includes(text));
    if (missing.length === 0) return;
    if (leftMs <= 0) {
      if (there.kind === 'upstream' && there.isUnheard) return;
      const deaf = missing.map(({ seat }) => seat.playerId).join(' and ');
      universe.broken(
        new Violation(restoredCarriesData.name, `told to player ${told}, and nothing reached ${deaf}`),
      );
      return;
    }
    for (const player of [here, there]) player.send(text);
    time.after(INTERVAL_MS, () => ask(leftMs - INTERVAL_MS));
  };
  time.after(0, () => ask(PATIENCE_MS));
}
