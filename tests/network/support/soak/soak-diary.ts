import { type Outage, outagesOf, replay, type SessionRecord } from 'holdfast/inspect';
import { eventually } from '../../../support/browser-page';
import { growthOf, outageFaultsOf, pairingFaultsOf, type Reading } from './soak-judge.js';
import type { SoakLook } from './soak-page.js';
import type { SoakPlayer } from './soak-player.js';

/**
 * The time until the losers of an outage are closed. An end that received everything keeps for 15 s a racer that the other has abandoned, as after
 * a one-way cut.
 */
const REST_MS = 16_500;

/** What happened to one page: a reading after each fault, and its whole session log. */
export class SoakDiary {
  readonly readings: Reading[] = [];
  readonly #log: SessionRecord[] = [];
  readonly #player: SoakPlayer;

  constructor(player: SoakPlayer) {
    this.#player = player;
  }

  /** Reads once the races of the last outage are closed; a page that does not come to rest is read as it is. */
  async read(round: number): Promise<Reading> {
    const isAtRest = ({ open, state }: SoakLook) => open === 1 && state === 'connected';
    await eventually(() => this.#player.look(), isAtRest, { timeoutMs: REST_MS }).catch(() => undefined);
    this.#log.push(...(await this.#player.take()));
    const metrics = await this.#player.measure();
    const reading = { round, ...(await this.#player.look()), ...metrics };
    this.readings.push(reading);
    return reading;
  }

  /** The outages in the log, except the first connect. */
  get outages(): Outage[] {
    return outagesOf(this.#log).filter(({ isFirstConnect }) => !isFirstConnect);
  }

  /** What must not happen; empty after a good run. */
  violations(): string[] {
    const told = this.#log.flatMap((record) =>
      record.kind === 'announcement' ? [record.announcement.type] : [],
    );
    const gap = this.#log.find((record, index) => record.seq !== index + 1);
    return [
      ...growthOf(this.readings),
      ...outageFaultsOf(this.outages),
      ...pairingFaultsOf(told),
      ...(gap ? [`the log has a gap before ${gap.seq}`] : []),
      ...replay(this.#log).map(
        ({ seq, recorded, replayed }) => `a replay of the log differs at ${seq}: ${recorded} / ${replayed}`,
      ),
      ...this.#player.errors.map((error) => `an error in the page: ${error}`),
    ];
  }
}
